"""In any stretch of time a key gets at most its burst and what the rate makes in that time; who keeps to the
rate is never refused; and forgetting idle keys changes no verdict."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from clearway.plug.plugs.parts.gcra import Buckets

INTERVALS = st.integers(1, 2_000_000_000)
BURSTS = st.integers(1, 20)
# Gaps around the interval are the interesting ones, and so are none and very long ones.
GAPS = st.lists(st.one_of(st.just(0), st.integers(0, 3_000_000_000), st.integers(0, 10**13)), max_size=60)
STARTS = st.integers(0, 10**18)


def at(start: int, gaps: list[int]) -> list[int]:
    """Return the instants that the gaps lead to."""
    instants = []
    for gap in gaps:
        start += gap
        instants.append(start)
    return instants


def taken(interval: int, burst: int, instants: list[int]) -> list[int]:
    """Return the instants at which a token was taken."""
    table = Buckets(interval_ns=interval, burst=burst, max_keys=100)
    return [now for now in instants if table.take("a", now) == 0]


@given(INTERVALS, BURSTS, STARTS, GAPS)
def test_no_stretch_of_time_holds_more_than_burst_and_rate_allow(
    interval: int, burst: int, start: int, gaps: list[int]
) -> None:
    granted = taken(interval, burst, at(start, gaps))

    for first, begin in enumerate(granted):
        for count, end in enumerate(granted[first:], 1):
            assert count <= burst + (end - begin) // interval


@given(INTERVALS, BURSTS, STARTS, st.lists(st.integers(0, 10**10), max_size=60))
def test_who_keeps_to_the_rate_is_never_refused(
    interval: int, burst: int, start: int, extra: list[int]
) -> None:
    instants = at(start, [interval + more for more in extra])

    assert taken(interval, burst, instants) == instants


@given(INTERVALS, BURSTS, STARTS, GAPS)
def test_the_wait_that_is_told_is_exactly_long_enough(
    interval: int, burst: int, start: int, gaps: list[int]
) -> None:
    table = Buckets(interval_ns=interval, burst=burst, max_keys=100)
    for now in at(start, gaps):
        wait = table.take("a", now)
        if wait:
            assert table.take("a", now + wait - 1) == 1
            assert table.take("a", now + wait) == 0
            return


@given(INTERVALS, BURSTS, STARTS, GAPS)
def test_a_refused_request_costs_nothing(interval: int, burst: int, start: int, gaps: list[int]) -> None:
    instants = at(start, gaps)
    granted = taken(interval, burst, instants)

    assert taken(interval, burst, granted) == granted


@given(INTERVALS, BURSTS, STARTS, GAPS)
def test_it_decides_as_a_bucket_of_tokens_does(
    interval: int, burst: int, start: int, gaps: list[int]
) -> None:
    tokens, last, expected = Fraction(burst), start, []
    for now in at(start, gaps):
        tokens, last = min(Fraction(burst), tokens + Fraction(now - last, interval)), now
        if tokens >= 1:
            tokens -= 1
            expected.append(now)

    assert taken(interval, burst, at(start, gaps)) == expected


@given(INTERVALS, BURSTS, STARTS, st.lists(st.tuples(st.integers(0, 4_000_000_000), st.sampled_from("abcd"))))
def test_each_key_is_treated_as_if_it_were_alone(
    interval: int, burst: int, start: int, steps: list[tuple[int, str]]
) -> None:
    instants = at(start, [gap for gap, _ in steps])
    calls = list(zip(instants, (key for _, key in steps), strict=True))
    shared = Buckets(interval_ns=interval, burst=burst, max_keys=100)
    verdicts = [(key, now, shared.take(key, now)) for now, key in calls]

    for name in "abcd":
        alone = Buckets(interval_ns=interval, burst=burst, max_keys=100)
        own = [(key, now, wait) for key, now, wait in verdicts if key == name]
        assert [(key, now, alone.take(key, now)) for key, now, _ in own] == own


@given(INTERVALS, BURSTS, STARTS, GAPS)
def test_the_level_foretells_what_can_be_taken(
    interval: int, burst: int, start: int, gaps: list[int]
) -> None:
    table = Buckets(interval_ns=interval, burst=burst, max_keys=100)
    instants = at(start, gaps)
    for now in instants:
        table.take("a", now)
    now = instants[-1] if instants else start

    tokens = table.level("a", now).tokens

    assert [table.take("a", now) == 0 for _ in range(tokens + 1)] == [True] * tokens + [False]


@given(st.integers(2, 50), st.lists(st.integers(0, 1000), max_size=300))
def test_the_table_never_holds_more_keys_than_it_may(max_keys: int, keys: list[int]) -> None:
    table = Buckets(interval_ns=1000, burst=2, max_keys=max_keys)
    for now, key in enumerate(keys):
        table.take(key, now)
        assert len(table) <= max_keys
