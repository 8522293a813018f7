"""One timer for many deadlines: who is told, when, and that nobody is told in vain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from clearway.http import Deadlines
from clearway.http.deadlines import NEVER


class Member:
    """Writes down when it was told, and does what it was made to."""

    def __init__(self, deadline: float, act: Callable[[Member], None] | None = None) -> None:
        self.deadline = deadline
        self.told = 0
        self.act = act

    def expired(self) -> None:
        self.told += 1
        if self.act is not None:
            self.act(self)


async def watched(*members: Member) -> Deadlines:
    deadlines = Deadlines(tick_s=3600, clock=lambda: 100.0)
    for member in members:
        deadlines.add(member)
    return deadlines


@pytest.mark.parametrize(("deadline", "told"), [(99.0, 1), (100.0, 1), (100.1, 0), (NEVER, 0)])
async def test_a_member_is_told_once_its_deadline_has_passed(deadline: float, told: int) -> None:
    member = Member(deadline)
    deadlines = await watched(member)

    deadlines.sweep(100.0)

    assert member.told == told


async def test_a_member_is_told_again_until_it_moves_its_deadline() -> None:
    member = Member(100.0)
    deadlines = await watched(member)

    for now in (100.0, 100.25, 100.5):
        deadlines.sweep(now)
    member.deadline = 200.0
    deadlines.sweep(101.0)

    assert member.told == 3


async def test_sweeping_sets_the_time_that_members_read() -> None:
    deadlines = await watched(Member(NEVER))

    deadlines.sweep(123.0)

    assert deadlines.now == 123.0


async def test_a_member_that_another_one_gave_more_time_is_not_told() -> None:
    """An upstream's timeout answers the client, whose own deadline moves by that."""

    def move(member: Member) -> None:
        for other in pair:
            if other is not member:
                other.deadline = NEVER

    pair = [Member(100.0, move), Member(100.0, move)]
    deadlines = await watched(*pair)

    deadlines.sweep(100.0)

    assert sorted(member.told for member in pair) == [0, 1]


async def test_a_member_that_another_one_ended_is_not_told() -> None:
    def end(member: Member) -> None:
        for other in pair:
            if other is not member:
                deadlines.discard(other)

    pair = [Member(100.0, end), Member(100.0, end)]
    deadlines = await watched(*pair)

    deadlines.sweep(100.0)

    assert sorted(member.told for member in pair) == [0, 1]


async def test_a_member_that_fails_does_not_keep_others_from_being_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Member) -> None:
        raise ValueError("ours")

    members = [Member(100.0, fail) for _ in range(3)]
    deadlines = await watched(*members)

    with caplog.at_level(logging.ERROR):
        deadlines.sweep(100.0)

    assert [member.told for member in members] == [1, 1, 1]
    assert len(caplog.records) == 3


async def test_the_timer_runs_while_somebody_is_watched() -> None:
    member = Member(NEVER)
    deadlines = await watched(member)
    assert repr(deadlines) == "<Deadlines 1 watched, on>"

    deadlines.discard(member)
    deadlines.discard(member)

    assert repr(deadlines) == "<Deadlines 0 watched, off>"
    assert len(deadlines) == 0


async def test_the_time_is_read_anew_when_the_first_member_comes() -> None:
    now = 100.0
    deadlines = Deadlines(tick_s=3600, clock=lambda: now)
    now = 500.0

    deadlines.add(Member(NEVER))

    assert deadlines.now == 500.0


async def test_the_timer_sweeps_at_each_tick() -> None:
    told = asyncio.Event()
    times = iter([0.0, 0.0, 5.0])
    deadlines = Deadlines(tick_s=0.0, clock=lambda: next(times, 10.0))
    member = Member(3.0, lambda _: told.set())
    deadlines.add(member)

    await told.wait()
    deadlines.discard(member)

    assert deadlines.now >= 3.0
