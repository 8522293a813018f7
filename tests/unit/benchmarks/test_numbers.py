"""The arithmetic behind published numbers."""

from __future__ import annotations

import math

import pytest

from benchmarks.numbers import Interval, Spread, percentile
from benchmarks.openloop import poisson


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (1, 1), (50, 50), (50.5, 51), (99, 99), (99.1, 100), (100, 100)]
)
def test_percentile_is_a_value_that_was_measured(percent: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), percent) == value


def test_spread_shows_the_median_and_both_ends() -> None:
    assert Spread.of([3.0, 1.0, 2.0]).text(1) == "2.0 (1.0-3.0)"


def test_a_seed_gives_every_proxy_the_same_bursts() -> None:
    assert poisson(500, 2, seed=1) == poisson(500, 2, seed=1)
    assert poisson(500, 2, seed=1) != poisson(500, 2, seed=2)


def test_due_times_come_at_the_rate_that_was_asked_for() -> None:
    due = poisson(1000, 20, seed=7)

    assert len(due) == pytest.approx(20_000, rel=0.02)
    assert list(due) == sorted(due)
    assert due[-1] < 20


def test_an_interval_is_as_wide_as_student_says() -> None:
    found = Interval.of([1.0, 2.0, 3.0])

    assert found.mean == 2.0
    assert found.half == pytest.approx(4.303 / 3**0.5)
    assert (found.low, found.high) == (found.mean - found.half, found.mean + found.half)


def test_of_one_value_nothing_is_known() -> None:
    assert Interval.of([0.5]).half == math.inf


def test_an_interval_reads_as_percent() -> None:
    assert Interval(0.0123, 0.0051).percent() == "+1.2 % ± 0.5"
