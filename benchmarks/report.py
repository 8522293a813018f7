"""Turn raw samples into the published tables."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import QUIET
from benchmarks.numbers import Spread
from benchmarks.subjects import YARDSTICK


def markdown(results: dict[str, Any]) -> str:
    """Return the report: what was run, a table at saturation, one for each rate, doubts, versions."""
    tables = [_saturation(results), *(_rate(results, rate) for rate in results["settings"]["rates"])]
    parts = [_heading(results), *tables, _notes(results), _skipped(results), _versions(results)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _heading(results: dict[str, Any]) -> str:
    machine, settings = results["machine"], results["settings"]
    return (
        f"# Gateways compared\n\n"
        f"{results['taken']} · {machine['processor']} · {machine['kernel']} · {machine['python']} "
        f"({machine['python_speed']} for `d[1] = (d, d); len(d)`).\n"
        f"{settings['rounds']} rounds, alternating, {settings['seconds']:g} s each load, "
        f"{settings['connections']} connections, {settings['body_bytes']}-byte body; one worker, one core.\n"
        f"Medians of the rounds, with smallest and largest; a ratio is taken within each round."
    )


def _saturation(results: dict[str, Any]) -> str:
    rows = [
        [
            title,
            _spread(samples, "cpu_us", 1),
            _ratio(results, samples, None),
            _per_second(samples),
            _spread(samples, "p50_us"),
            _spread(samples, "p99_us"),
            f"{Spread.of([100 * sample['core_share'] for sample in samples]).median:.0f} %",
        ]
        for title, samples in _by_subject(results, None)
        if samples
    ]
    head = ["at saturation (wrk)", "CPU us/request", "x nginx", "requests/s", "p50 us", "p99 us", "core used"]
    return table(head, rows)


def _rate(results: dict[str, Any], rate: int) -> str:
    rows = []
    for title, samples in _by_subject(results, rate):
        if not samples:
            rows.append([title, "over capacity", "", "", ""])
            continue
        cells = [_spread(samples, "cpu_us", 1), _ratio(results, samples, rate)]
        rows.append([title, *cells, _spread(samples, "p50_us"), _spread(samples, "p99_us")])
    return table([f"at {rate:,} requests/s", "CPU us/request", "x nginx", "p50 us", "p99 us"], rows)


def _by_subject(results: dict[str, Any], rate: int | None) -> list[tuple[str, list[dict[str, Any]]]]:
    at_rate = [sample for sample in results["samples"] if sample["rate"] == rate]
    return [
        (title, [s for s in at_rate if s["subject"] == name]) for name, title in results["titles"].items()
    ]


def _value(sample: dict[str, Any], key: str) -> float:
    return sample[key] if key in sample else sample["load"][key]


def _spread(samples: list[dict[str, Any]], key: str, digits: int = 0) -> str:
    return Spread.of([_value(sample, key) for sample in samples]).text(digits)


def _per_second(samples: list[dict[str, Any]]) -> str:
    return Spread.of([sample["load"]["requests"] / sample["load"]["seconds"] for sample in samples]).text()


def _ratio(results: dict[str, Any], samples: list[dict[str, Any]], rate: int | None) -> str:
    """Divide by the yardstick of the same round."""
    yardstick = {
        sample["round"]: sample["cpu_us"]
        for sample in results["samples"]
        if sample["subject"] == YARDSTICK and sample["rate"] == rate
    }
    ratios = [s["cpu_us"] / yardstick[s["round"]] for s in samples if s["round"] in yardstick]
    return Spread.of(ratios).text(2) if ratios else "-"


def _notes(results: dict[str, Any]) -> str:
    """Say what would make the numbers doubtful, so that nobody has to dig for it."""
    samples = results["samples"]
    if not samples:
        return ""
    failed = {s["subject"] for s in samples if s["load"]["failed"]}
    others = [sample["others_share"] for sample in samples]
    seen = f"{sum(share > QUIET for share in others)} of {len(others)} (at most {max(others):.1%})"
    late = max((s["load"]["late_p99_us"] for s in samples if s["rate"] is not None), default=0.0)
    churn = {s["subject"] for s in samples if s["upstream_connections"] > 0.01 * s["load"]["requests"]}
    return "\n".join([
        f"- Failed requests: {', '.join(sorted(failed)) or 'none'}.",
        f"- Loads during which anything else used over {QUIET:.0%} of the proxy's core: {seen}.",
        f"- Fixed rates: requests left at most {late:,.0f} us (p99) after they were due.",
        f"- New upstream connection on more than 1 % of requests: {', '.join(sorted(churn)) or 'none'}.",
    ])  # fmt: skip


def _skipped(results: dict[str, Any]) -> str:
    return "\n".join(f"- Left out: {name}: {reason}" for name, reason in results["skipped"].items())


def _versions(results: dict[str, Any]) -> str:
    return "Versions:\n\n" + "\n".join(f"- {name}: {text}" for name, text in results["versions"].items())


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table: the first column to the left, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
