"""Waiting is charged to the right site, once, and sampling does not bend the sums."""

from __future__ import annotations

import random

import pytest

from clearway.pprof.contention import Watch
from clearway.pprof.profile import Sample
from clearway.testing import MockClock

LEAF = (lambda: None).__code__


def watched(rate: int = 0, fraction: int = 0, seed: int = 1) -> tuple[Watch, MockClock]:
    clock = MockClock()
    watch = Watch(clock, random.Random(seed).random)
    watch.block_rate, watch.mutex_fraction = rate, fraction
    return watch, clock


def waits(watch: Watch, clock: MockClock, seconds: float) -> None:
    token = watch.wait_begins()
    clock.advance(seconds)
    watch.wait_ends(token, LEAF)


def releases(watch: Watch, lock: object) -> None:
    def release() -> None:
        watch.hand_over(lock, LEAF)

    release()


def sums(samples: tuple[Sample, ...]) -> tuple[int, int]:
    return sum(each.values[0] for each in samples), sum(each.values[1] for each in samples)


def test_with_rate_one_every_wait_is_told_with_its_time() -> None:
    watch, clock = watched(rate=1)
    for _ in range(5):
        waits(watch, clock, 0.25)

    assert sums(watch.block.profile().samples) == (5, 1_250_000_000)


def test_a_wait_is_told_at_the_site_that_waited() -> None:
    watch, clock = watched(rate=1)
    waits(watch, clock, 1)

    stack = [frame.function for frame in watch.block.profile().samples[0].stack]
    assert stack[1] == "test_a_wait_is_told_at_the_site_that_waited"


def test_with_rate_zero_none_is_told() -> None:
    watch, clock = watched(rate=0)
    waits(watch, clock, 1)

    assert watch.block.profile().samples == ()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ns", [1_000, 30_000, 90_000])
def test_sampled_waits_add_up_to_all_waits(ns: int, seed: int) -> None:
    watch, clock = watched(rate=100_000, seed=seed)
    for _ in range(20_000):
        waits(watch, clock, ns / 1e9)

    times, delay = sums(watch.block.profile().samples)
    # One in rate / ns is taken: of the fewest, 200, five standard deviations are 35 %.
    assert times == pytest.approx(20_000, rel=0.35)
    assert delay == pytest.approx(20_000 * ns, rel=0.35)


def test_a_holder_is_charged_with_what_others_waited_while_it_held() -> None:
    watch, clock = watched(fraction=1)
    lock = object()
    first = watch.wait_begins(lock)
    clock.advance(1)
    second = watch.wait_begins(lock)
    clock.advance(2)
    releases(watch, lock)  # 3 s of the first, 2 s of the second
    watch.wait_ends(first, LEAF, lock)
    clock.advance(4)
    releases(watch, lock)  # 4 s more of the second
    watch.wait_ends(second, LEAF, lock)

    assert sums(watch.mutex.profile().samples) == (2, 9_000_000_000)


def test_nobody_is_charged_when_nobody_waits() -> None:
    watch, _ = watched(fraction=1)
    lock = object()
    token = watch.wait_begins(lock)
    watch.wait_ends(token, LEAF, lock)

    assert not watch.is_waited_for(lock)
    releases(watch, lock)
    assert watch.mutex.profile().samples == ()


@pytest.mark.parametrize("seed", range(5))
def test_one_release_in_so_many_stands_for_that_many(seed: int) -> None:
    watch, clock = watched(fraction=10, seed=seed)
    lock = object()
    for _ in range(10_000):
        token = watch.wait_begins(lock)
        clock.advance(0.001)
        releases(watch, lock)
        watch.wait_ends(token, LEAF, lock)

    times, delay = sums(watch.mutex.profile().samples)
    # 1,000 are taken: five standard deviations are 15 %.
    assert times == pytest.approx(10_000, rel=0.15)
    assert delay == pytest.approx(10_000 * 1e6, rel=0.15)


def test_a_wait_that_began_before_it_was_watched_is_charged_to_nobody() -> None:
    watch, clock = watched(fraction=0)
    lock = object()
    token = watch.wait_begins(lock)
    watch.mutex_fraction = 1
    clock.advance(1)
    releases(watch, lock)
    watch.wait_ends(token, LEAF, lock)

    assert watch.mutex.profile().samples == ()


def test_a_wait_that_lasts_when_it_is_no_longer_watched_is_forgotten_in_the_end() -> None:
    watch, clock = watched(fraction=1)
    lock = object()
    token = watch.wait_begins(lock)
    watch.mutex_fraction = 0
    clock.advance(1)
    releases(watch, lock)
    watch.wait_ends(token, LEAF, lock)

    assert watch.mutex.profile().samples == ()
    assert not watch.is_waited_for(lock)
