"""When the black box writes, told from where memory stands."""

from __future__ import annotations

import pytest

from clearway.pprof import BadParameterError
from clearway.pprof.black_box.mark import FAR_S, NEAR_S, Mark, parse_mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("80%", (0.8, None)), ("99.5 %", (0.995, None)), (0.7, (0.7, None)),
        ("512MiB", (1.0, 512 << 20)), ("1.5G", (1.0, 3 << 29)),
        ("100 MB", (1.0, 100_000_000)), ("64B", (1.0, 64)),
    ],
)  # fmt: skip
def test_a_mark_is_a_share_or_a_size(text: str | float, mark: tuple[float, int | None]) -> None:
    assert parse_mark(text) == mark


@pytest.mark.parametrize("text", ["", "80", "0%", "100%", "120%", "-5%", "0MiB", "lots", 0, 1, 1.5, "5 PiB"])
def test_what_is_no_mark_is_told(text: str | float) -> None:
    with pytest.raises(BadParameterError, match="at_rss"):
        parse_mark(text)


# Where memory stands, one look after the other, and whether it is then written.
WALKS = [
    ([0.1, 0.79, 0.80, 0.80, 0.84], [False, False, True, False, False]),
    ([0.80, 0.86, 0.87, 0.92], [True, True, False, True]),
    ([0.95, 0.99, 1.00], [True, False, True]),
    ([0.80, 0.75, 0.80], [True, False, False]),  # it only wavered
    ([0.80, 0.69, 0.79, 0.80], [True, False, False, True]),  # it fell, and rose again
]


@pytest.mark.parametrize(("shares", "written"), WALKS)
def test_the_mark_is_reached_once_and_again_after_each_step(shares: list[float], written: list[bool]) -> None:
    mark = Mark(0.8)

    assert [mark.is_reached(share) for share in shares] == written


def test_near_the_mark_it_looks_more_often() -> None:
    mark = Mark(0.8)

    assert [mark.wait_s(share) for share in (0.1, 0.67, 0.69, 0.79)] == [FAR_S, FAR_S, NEAR_S, NEAR_S]
