"""When keys are fetched: regularly, after failures ever more slowly, and for strangers seldom."""

from __future__ import annotations

import math

import pytest

from clearway.plug.jose.refresh import RefreshSchedule


@pytest.fixture
def schedule() -> RefreshSchedule:
    return RefreshSchedule(refresh_s=300, cooldown_s=30)


def test_the_first_fetch_is_due_at_once(schedule: RefreshSchedule) -> None:
    assert schedule.due == -math.inf


def test_no_fetch_is_due_while_one_runs(schedule: RefreshSchedule) -> None:
    schedule.begin(0)

    assert schedule.due == math.inf


def test_a_success_is_followed_by_a_pause(schedule: RefreshSchedule) -> None:
    schedule.begin(10)
    schedule.succeed(12)

    assert schedule.due == 312


def test_failures_are_retried_ever_more_slowly(schedule: RefreshSchedule) -> None:
    waits = []
    for _ in range(9):
        schedule.begin(100)
        schedule.fail(100)
        waits.append(schedule.due - 100)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_retry_never_waits_longer_than_a_refresh() -> None:
    schedule = RefreshSchedule(refresh_s=5, cooldown_s=1)
    for _ in range(2000):
        schedule.begin(0)
        schedule.fail(0)

    assert schedule.due == 5


def test_a_success_ends_the_slowness(schedule: RefreshSchedule) -> None:
    for _ in range(5):
        schedule.fail(0)
    schedule.succeed(0)
    schedule.fail(0)

    assert schedule.due == 1


@pytest.mark.parametrize(
    ("now", "earlier", "due"),
    [
        pytest.param(5, True, 30, id="inside the cool-down: at its end"),
        pytest.param(30, True, 30, id="at its end: at once"),
        pytest.param(200, True, 200, id="after it: at once"),
        pytest.param(301, False, 301, id="not later than planned"),
    ],
)
def test_an_unknown_kid_brings_the_fetch_forward(
    schedule: RefreshSchedule, now: float, earlier: bool, due: float
) -> None:
    schedule.begin(0)
    schedule.succeed(1)

    assert schedule.want(now) == earlier
    assert schedule.due == due


def test_strangers_get_one_fetch_per_cool_down(schedule: RefreshSchedule) -> None:
    fetches = 0
    for now in range(3000):  # a request with a new unknown kid each second
        schedule.want(now)
        if now >= schedule.due:
            fetches += 1
            schedule.begin(now)
            schedule.succeed(now)

    assert fetches == 100


def test_an_unknown_kid_does_not_bring_a_retry_forward_by_much(schedule: RefreshSchedule) -> None:
    for _ in range(9):
        schedule.begin(0)
        schedule.fail(0)

    schedule.want(1)

    assert schedule.due == 30
