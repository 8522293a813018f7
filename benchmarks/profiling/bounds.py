"""What is required of the profilers, and whether it was kept."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.numbers import Interval
from benchmarks.profiling.profilers import HEAP, HEAP_CPU, NOTHING

Data = dict[str, Any]


_TO_99 = 2.576 / 1.960  # from an interval of 95 % to one of 99 %


@dataclass(frozen=True)
class Bound:
    """One line of the verdict; `holds` is None where the measurement is too coarse to tell."""

    what: str
    measured: str
    bound: str
    holds: bool | None


def within_rounds(taken: Data, name: str, key: str) -> list[float]:
    """Return by which share a profiler raised `key` over nothing at saturation, for each round."""
    found = _saturated(taken, key)
    return [
        value / found[NOTHING, turn] - 1
        for (subject, turn), value in found.items()
        if subject == name and (NOTHING, turn) in found
    ]


def costs(taken: Data, name: str, key: str) -> list[float]:
    """Return the same for each generation of processes: the median of its rounds."""
    found = _saturated(taken, key)
    shares: dict[int, list[float]] = {}
    for (subject, turn), value in found.items():
        if subject == name and (NOTHING, turn) in found:
            shares.setdefault(turn // taken["rounds"], []).append(value / found[NOTHING, turn] - 1)
    return [statistics.median(each) for each in shares.values()]


def _saturated(taken: Data, key: str) -> dict[tuple[str, int], float]:
    """Return what is told of each subject in each round; `seconds` is the inverse of throughput."""
    value: Callable[[Data], float] = (
        (lambda sample: sample["load"]["seconds"] / sample["load"]["requests"])
        if key == "seconds"
        else lambda sample: sample[key]
    )
    return {(s["subject"], s["round"]): value(s) for s in taken["samples"] if s["rate"] is None}


def _kept(cost: Interval, most: float) -> bool | None:
    """Tell whether all of the interval keeps the bound, or none of it does."""
    return None if cost.low <= most < cost.high else cost.high <= most


def bounds(results: Data) -> list[Bound]:
    """Return every requirement that was measured."""
    return [bound for part, check in _CHECKS.items() if part in results for bound in check(results[part])]


def _gateway(data: Data) -> Iterator[Bound]:
    for name, most, what in ((HEAP, 0.02, "heap"), (HEAP_CPU, 0.04, "heap and CPU at 100 Hz")):
        found = costs(data["exact"], name, "cpu_us")
        if found:
            cost = Interval.of(found)
            slower = Interval.of(costs(data["exact"], name, "seconds"))
            measured = f"{cost.percent()} of CPU per request; {slower.percent()} of time per request"
            yield Bound(f"gateway: {what}", measured, f"<= {most:.0%}", _kept(cost, most))


def _mix(data: Data) -> Iterator[Bound]:
    bare = {run["round"]: run["cpu_s"] for run in data["runs"] if run["profiler"] == NOTHING}
    shares = [
        run["cpu_s"] / bare[run["round"]] - 1
        for run in data["runs"]
        if run["profiler"] == HEAP and run["round"] in bare
    ]
    if shares:
        cost = Interval.of(shares)
        yield Bound("allocating mix: heap", cost.percent(), "<= 5 %", _kept(cost, 0.05))


def _accuracy(data: list[Data]) -> Iterator[Bound]:
    found: dict[tuple[str, int], list[float]] = {}
    for each in data:
        found.setdefault((each["shape"], each["mib"]), []).append(each["found"] / each["true"] - 1)
    means = [statistics.fmean(errors) for errors in found.values()]
    worst = max(means, key=abs)
    yield Bound(
        "estimate: mean error of the worst heap", f"{100 * worst:+.1f} %", "within 5 %", abs(worst) <= 0.05
    )
    # In units of each heap's own spread all errors are alike, and many of them tell a small bias.
    scaled = [(each["found"] / each["true"] - 1) / each["theory"] for each in data if each["theory"] > 0]
    bias = Interval.of(scaled)
    wide = bias.half * _TO_99
    yield Bound(
        "estimate: bias, in spreads of one estimate",
        f"{bias.mean:+.3f} ± {bias.half:.3f}",
        "0, at 99 %",
        abs(bias.mean) <= wide,
    )


def _answer(data: Data) -> Iterator[Bound]:
    alone = statistics.median(data["alone_ms"])
    yield Bound("`heap` answered", f"{alone:.0f} ms", "<= 200 ms", alone <= 200)
    for name, found in data["busy"].items():
        answered = statistics.median(found["answer_ms"])
        yield Bound(
            f"`heap` answered beside a busy loop, {name}", f"{answered:.0f} ms", "<= 200 ms", answered <= 200
        )
        longest = max(found["longest_ms"])
        yield Bound(f"longest pause meanwhile, {name}", f"{longest:.1f} ms", "<= 10 ms", longest <= 10)


def _footprint(data: list[Data]) -> Iterator[Bound]:
    for each in data:
        share = (each["memory"] + each["padding_at_most"]) / each["true"]
        yield Bound(f"sampler's memory at {each['mib']:,} MiB", f"{share:.2%}", "<= 2 %", share <= 0.02)


def _labels(data: Data) -> Iterator[Bound]:
    what, took = next(iter(data.items()))
    yield Bound(f"labels, {what.partition(':')[0]}", f"{took:.0f} ns", "< 100 ns", took < 100)


_CHECKS: dict[str, Callable[[Any], Iterator[Bound]]] = {
    "gateway": _gateway,
    "mix": _mix,
    "accuracy": _accuracy,
    "answer": _answer,
    "footprint": _footprint,
    "labels": _labels,
}
