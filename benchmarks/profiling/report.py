"""Turn the samples of `benchmarks.pprof` into the published tables."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

from benchmarks.measure import QUIET
from benchmarks.numbers import Interval, Spread
from benchmarks.profiling.bounds import bounds, costs, within_rounds
from benchmarks.profiling.profilers import NOTHING
from benchmarks.report import table

Data = dict[str, Any]


def markdown(results: Data) -> str:
    """Return the report of the parts that were measured."""
    made = [_heading(results), _bounds(results)]
    made += [write(results) for name, write in _PARTS.items() if name in results]
    return "\n\n".join(filter(None, [*made, _versions(results)])) + "\n"


def _heading(results: Data) -> str:
    machine = results["machine"]
    took = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in results["took_s"].items())
    return (
        f"# What profiling costs\n\n"
        f"{results['taken']} · {machine['processor']} · {machine['kernel']} · {machine['python']} "
        f"({machine['python_speed']} for `d[1] = (d, d); len(d)`).\n"
        f"± is half of a 95 % interval; (low-high) the smallest and the largest.\n"
        f"Taken in: {took}."
    )


def _bounds(results: Data) -> str:
    rows = [[each.what, each.measured, each.bound, _VERDICTS[each.holds]] for each in bounds(results)]
    return table(["required", "measured", "bound", "holds"], rows)


def _gateway(results: Data) -> str:
    data = results["gateway"]
    exact, broad, rate = data["exact"], data["broad"], data["rate"]
    rows = []
    for name, title in results["titles"].items():
        saturated = [s for s in broad["samples"] if s["subject"] == name and s["rate"] is None]
        fixed = [s for s in broad["samples"] if s["subject"] == name and s["rate"] == rate]
        if saturated:
            cells = [_per_second(saturated), _spread(saturated, "cpu_us", 1), _cost(exact, broad, name)]
            late = [_load(fixed, "p50_us"), _load(fixed, "p99_us")] if fixed else ["over capacity", ""]
            rows.append([title, *cells, *late])
    head = ["gateway", "requests/s", "CPU us/request", "cost"]
    head += [f"p50 us at {rate:,}/s", f"p99 us at {rate:,}/s"]
    others = [s["others_share"] for each in (exact, broad) for s in each["samples"]]
    disturbed = f"{sum(share > QUIET for share in others)} of {len(others)} (at most {max(others):.0%})"
    failed = sum(s["load"]["failed"] for each in (exact, broad) for s in each["samples"])
    generations = len({s["round"] // exact["rounds"] for s in exact["samples"]})
    notes = [
        f"- Cost: CPU per request against nothing in the same round; ±: over {generations} generations.",
        f"- Loads during which anything else used over {QUIET:.0%} of the gateway's core: {disturbed}.",
        f"- Failed requests: {failed or 'none'}.",
    ]
    return "\n\n".join([table(head, rows), "\n".join([*notes, *_skipped(broad["skipped"])])])


def _cost(exact: Data, broad: Data, name: str) -> str:
    if name == NOTHING:
        return "-"
    found = costs(exact, name, "cpu_us")
    if found:
        return Interval.of(found).percent()
    return f"+{100 * statistics.median(within_rounds(broad, name, 'cpu_us')):.0f} %"


def _mix(results: Data) -> str:
    data = results["mix"]
    runs = {(run["profiler"], run["round"]): run for run in data["runs"]}
    rows = []
    for name, title in results["titles"].items():
        mine = [run for run in data["runs"] if run["profiler"] == name]
        if mine:
            bare = [runs[NOTHING, run["round"]] for run in mine]
            shares = [run["cpu_s"] / other["cpu_s"] - 1 for run, other in zip(mine, bare, strict=True)]
            walls = [run["wall_s"] / other["wall_s"] for run, other in zip(mine, bare, strict=True)]
            cost = "-" if name == NOTHING else Interval.of(shares).percent()
            spent = Spread.of([run["cpu_s"] for run in mine]).text(2)
            rows.append([title, spent, cost, Spread.of(walls).text(2)])
    written = table(["mix", "CPU s", "cost", "x elapsed"], rows)
    return "\n\n".join(filter(None, [written, "\n".join(_skipped(data["skipped"]))]))


def _instructions(results: Data) -> str:
    data = results["instructions"]
    if data["skipped"]:
        return f"- Instructions were not counted: {data['skipped']}"
    counted = {(each["workload"], each["profiler"]): each["instructions"] for each in data["counts"]}
    rows = []
    for (workload, name), number in counted.items():
        share = number / counted[workload, NOTHING] - 1
        cost = "-" if name == NOTHING else f"{100 * share:+.1f} %"
        rows.append([f"{workload}, {results['titles'][name]}", f"{number:,.0f}", cost])
    return table(["instructions of a loop or a request", "", "cost"], sorted(rows, key=lambda row: row[0]))


def _accuracy(results: Data) -> str:
    rows = []
    for (shape, mib), errors, theory in by_heap(results["accuracy"]):
        rows.append([
            f"{mib} MiB, {shape} blocks",
            Interval.of(errors).percent(),
            f"{100 * statistics.fmean(map(abs, errors)):.1f} %",
            f"{100 * statistics.stdev(errors):.1f} %",
            f"{100 * theory:.1f} %",
        ])  # fmt: skip
    seeds = len({each["seed"] for each in results["accuracy"]})
    head = [f"live heap, {seeds} seeds", "mean error", "one estimate is off by", "spread", "spread in theory"]
    return table(head, rows)


def by_heap(estimates: Iterable[Data]) -> Iterable[tuple[tuple[str, int], list[float], float]]:
    """Yield shape and MiB, the errors as shares of the truth, and the spread that sampling must have."""
    found: dict[tuple[str, int], list[Data]] = {}
    for each in estimates:
        found.setdefault((each["shape"], each["mib"]), []).append(each)
    for key, several in found.items():
        yield key, [each["found"] / each["true"] - 1 for each in several], several[0]["theory"]


def _answer(results: Data) -> str:
    data = results["answer"]
    rows = [["asked of an idle process", Spread.of(data["alone_ms"]).text(), "", ""]]
    for name, found in data["busy"].items():
        rows.append([
            f"asked of a busy one, {name}",
            Spread.of(found["answer_ms"]).text(),
            Spread.of(found["longest_ms"]).text(1),
            Spread.of(found["quiet_longest_ms"]).text(1),
        ])  # fmt: skip
    what = f"`heap`, {data['live_samples']:,} live samples, {data['stacks']:,} stacks and labels"
    return table([what, "answer, ms", "longest pause, ms", "when nobody asks, ms"], rows)


def _footprint(results: Data) -> str:
    rows = [
        [
            f"{each['mib']:,} MiB",
            f"{each['live_samples']:,}",
            f"{each['memory'] / 1024:,.0f}",
            f"{(each['memory'] + each['padding_at_most']) / each['true']:.2%}",
        ]
        for each in results["footprint"]
    ]
    return table(
        ["live heap", "live samples", "sampler's tables, KiB", "of the heap, padding included"], rows
    )


def _labels(results: Data) -> str:
    rows = [[f"`{what}`", f"{took:,.0f}"] for what, took in results["labels"].items()]
    return table(["labels", "ns"], rows)


_VERDICTS = {True: "yes", False: "**no**", None: "cannot be told"}

_PARTS = {
    "gateway": _gateway,
    "mix": _mix,
    "instructions": _instructions,
    "accuracy": _accuracy,
    "answer": _answer,
    "footprint": _footprint,
    "labels": _labels,
}


def _load(samples: list[Data], key: str) -> str:
    return Spread.of([sample["load"][key] for sample in samples]).text()


def _spread(samples: list[Data], key: str, digits: int) -> str:
    return Spread.of([sample[key] for sample in samples]).text(digits)


def _per_second(samples: list[Data]) -> str:
    return Spread.of([sample["load"]["requests"] / sample["load"]["seconds"] for sample in samples]).text()


def _skipped(skipped: dict[str, str]) -> list[str]:
    return [f"- Left out: {name}: {reason}" for name, reason in skipped.items()]


def _versions(results: Data) -> str:
    return "Versions:\n\n" + "\n".join(f"- {name}: {text}" for name, text in results["versions"].items())
