"""Token buckets: tables of what happens when. The laws are in tests/property/test_rate_limit.py."""

from __future__ import annotations

import pytest

from clearway.plug.plugs.parts.gcra import Buckets, Level

SECOND = 1_000_000_000


def buckets(burst: int = 3, per_second: int = 10, max_keys: int = 100) -> Buckets:
    return Buckets(interval_ns=SECOND // per_second, burst=burst, max_keys=max_keys)


def test_a_burst_is_let_through_and_then_one_per_interval() -> None:
    table = buckets()
    start = 7 * SECOND

    assert [table.take("a", start) for _ in range(5)] == [0, 0, 0, SECOND // 10, SECOND // 10]
    assert table.take("a", start + SECOND // 10 - 1) == 1
    assert table.take("a", start + SECOND // 10) == 0
    assert table.take("a", start + SECOND // 10) == SECOND // 10


def test_keys_do_not_share_a_bucket() -> None:
    table = buckets(burst=1)

    assert [table.take(key, 0) for key in "aab"] == [0, SECOND // 10, 0]


def test_the_level_tells_what_is_left_and_when_it_is_full() -> None:
    table = buckets()
    assert table.level("a", 0) == Level(3, 0)

    table.take("a", 0)
    table.take("a", 0)

    assert table.level("a", 0) == Level(1, 2 * SECOND // 10)
    assert table.level("a", SECOND // 10) == Level(2, SECOND // 10)
    assert table.level("a", SECOND) == Level(3, 0)


def test_idle_keys_are_forgotten_by_themselves() -> None:
    table = buckets()
    for key in range(40):
        table.take(key, 0)
    assert len(table) == 40

    table.take("a", SECOND)
    table.take("a", 2 * SECOND)

    assert len(table) == 1
    assert table.forgotten == 0


def test_a_full_table_drops_those_it_has_not_seen_of_late_and_counts_them() -> None:
    table = buckets(burst=1, max_keys=10)
    for key in range(1000):
        table.take("busy", 0)
        table.take(key, 0)

    assert len(table) <= 10
    assert table.forgotten > 900
    assert table.take("busy", 0) > 0, "a key in use keeps its bucket"


@pytest.mark.parametrize("burst", [1, 7, 1000])
def test_the_last_token_of_a_burst_does_not_depend_on_rounding(burst: int) -> None:
    table = Buckets(interval_ns=142_857_143, burst=burst, max_keys=2)  # 7 per second
    start = 123_456_789_012_345_678

    assert all(table.take("a", start) == 0 for _ in range(burst))
    assert table.take("a", start) == 142_857_143
