"""What the report of `benchmarks.pprof` says of samples whose truth is known."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.profiling.bounds import bounds, costs, within_rounds


def sample(subject: str, turn: int, cpu_us: float, rate: int | None = None) -> dict[str, Any]:
    load = {"seconds": cpu_us, "requests": 1e6}
    return {"subject": subject, "round": turn, "rate": rate, "cpu_us": cpu_us, "load": load}


def taken(heap: float) -> dict[str, Any]:
    """Return two generations of three rounds; the machine is twice as slow in the second."""
    rounds = [(turn, 100.0 if turn < 3 else 200.0) for turn in range(6)]
    bare = [sample("nothing", turn, cost) for turn, cost in rounds]
    sampled = [sample("heap", turn, cost * (1 + heap)) for turn, cost in rounds]
    return {"rounds": 3, "samples": [*bare, *sampled, sample("heap", 0, 999.0, rate=2000)], "skipped": {}}


def test_a_slow_machine_is_no_cost() -> None:
    assert costs(taken(0.01), "heap", "cpu_us") == pytest.approx([0.01, 0.01])
    assert costs(taken(0.01), "heap", "seconds") == pytest.approx([0.01, 0.01])
    assert within_rounds(taken(0.01), "heap", "cpu_us") == pytest.approx([0.01] * 6)


def test_one_disturbed_round_is_no_cost() -> None:
    disturbed = taken(0.01)
    disturbed["samples"] = [
        {**each, "cpu_us": 5 * each["cpu_us"]} if (each["subject"], each["round"]) == ("heap", 4) else each
        for each in disturbed["samples"]
    ]

    assert costs(disturbed, "heap", "cpu_us") == pytest.approx([0.01, 0.01])


@pytest.mark.parametrize(("cost", "holds"), [(0.019, True), (0.021, False)])
def test_the_bound_of_the_gateway_is_two_percent(cost: float, holds: bool) -> None:
    [bound] = bounds({"gateway": {"exact": taken(cost), "broad": taken(cost), "rate": 2000}})

    assert bound.holds is holds
    assert f"{100 * cost:+.1f} %" in bound.measured


def test_an_interval_that_holds_the_bound_tells_nothing() -> None:
    wide = taken(0.01)
    wide["samples"] = [
        {**each, "cpu_us": 1.05 * each["cpu_us"]}
        if (each["subject"], each["round"] < 3) == ("heap", True)
        else each
        for each in wide["samples"]
    ]

    [bound] = bounds({"gateway": {"exact": wide, "broad": wide, "rate": 2000}})
    assert bound.holds is None


def estimates(error: float, spread: float = 0.05) -> list[dict[str, Any]]:
    return [
        {"shape": "small", "mib": 64, "seed": seed, "true": 1000.0, "theory": spread,
         "found": 1000.0 * (1 + error + spread * (1 if seed % 2 else -1))}
        for seed in range(20)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "holds"), [(0.0, [True, True]), (0.04, [True, False]), (0.06, [False] * 2)]
)
def test_estimates_are_held_to_five_percent_and_to_no_bias(error: float, holds: list[bool]) -> None:
    assert [bound.holds for bound in bounds({"accuracy": estimates(error)})] == holds


def test_the_longest_pause_of_all_rounds_counts() -> None:
    busy = {"uvloop": {"answer_ms": [100.0, 110.0], "longest_ms": [3.0, 12.0]}}
    found = bounds({"answer": {"alone_ms": [50.0], "busy": busy}})

    assert [(bound.what.split(",")[0], bound.holds) for bound in found] == [
        ("`heap` answered", True),
        ("`heap` answered beside a busy loop", True),
        ("longest pause meanwhile", False),
    ]


def test_what_was_not_measured_has_no_bound() -> None:
    assert bounds({}) == []
