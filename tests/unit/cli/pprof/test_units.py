"""Numbers as `go tool pprof` writes them."""

from __future__ import annotations

import pytest

from clearway.cli.pprof.units import percent, scaled, when


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "bytes", "0"),
        (1000, "bytes", "1000B"),
        (1024, "bytes", "1kB"),
        (-3000, "bytes", "-2.93kB"),
        (5 << 30, "bytes", "5GB"),
        (999, "nanoseconds", "999ns"),
        (1_500_000_000, "nanoseconds", "1.5s"),
        (90_000, "milliseconds", "1.5mins"),
        (7_200, "seconds", "2hrs"),
        (1_234_567, "count", "1234567"),
        (3, "", "3"),
    ],
)
def test_a_value_has_the_largest_unit_that_leaves_one(value: int, unit: str, text: str) -> None:
    assert scaled(value, unit) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1, 1, "100%"),
        (99_960, 100_000, "100%"),
        (99_900, 100_000, "99.90%"),
        (0, 5, "0%"),
        (5, 0, "0%"),
        (-1, 2, "-50.00%"),
        (-1, 1, "-100%"),
        (1, 300, "0.33%"),
        (2, 1, "200.00%"),
    ],
)
def test_a_share(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_a_time_is_told_in_utc() -> None:
    assert when(1_700_000_000_123_456_789) == "2023-11-14 22:13:20 UTC"
