"""Rates are read as people write them."""

from __future__ import annotations

import math

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.plugs.parts.rates import parse_rate


@pytest.mark.parametrize(
    ("rate", "per_second"),
    [
        ("100/s", 100),
        ("100 / sec", 100),
        ("60/m", 1),
        ("90/Minute", 1.5),
        ("3600/h", 1),
        ("86400/d", 1),
        ("0.5/s", 0.5),
        (50, 50),
        (0.1, 0.1),
        (1_000_000, 1_000_000),
    ],
)
def test_a_rate_is_so_many_per_second(rate: str | float, per_second: float) -> None:
    assert parse_rate(rate) == per_second


@pytest.mark.parametrize(
    "rate",
    [
        "",
        "100",
        "100/w",
        "s/100",
        "-1/s",
        "0/s",
        "1e9/s",
        0,
        -1,
        math.inf,
        math.nan,
        True,
        None,
        [],
        "1000001/s",
    ],
)
def test_what_is_no_rate_is_refused(rate: str | float) -> None:
    with pytest.raises(PlugOptionError, match="rate"):
        parse_rate(rate)
