"""What a supervisor does next: every event, without a process."""

from __future__ import annotations

import pytest

from clearway.sched.supervision import Limits, Strategy
from clearway.sched.supervision.plan import Action, Plan, State, Worker
from clearway.sched.supervision.restarts import Restarts

LIMITS = Limits(start_s=30, stop_s=15, hang_s=10, dump_s=1)
Actions = list[tuple[Action, Worker]]


def plan_of(count: int, strategy: Strategy = Strategy.ONE_FOR_ONE, intensity: int = 3) -> Plan:
    return Plan(count, LIMITS, Restarts(intensity, 5.0), strategy)


def serving(count: int, strategy: Strategy = Strategy.ONE_FOR_ONE, intensity: int = 3) -> Plan:
    """Return a plan whose workers all serve, at time 0."""
    plan = plan_of(count, strategy, intensity)
    actions = plan.start(0)
    while actions:
        actions = plan.ready(actions[-1][1], 0)
    return plan


def told(actions: Actions) -> list[tuple[str, int]]:
    return [(action.value, worker.seat) for action, worker in actions]


def worker_in(plan: Plan, seat: int) -> Worker:
    return next(each for each in plan.workers if each.seat == seat and each.state is State.SERVING)


def test_workers_start_in_order_each_when_the_one_before_serves() -> None:
    plan = plan_of(3)

    first = plan.start(0)
    assert told(first) == [("start", 0)]
    second = plan.ready(first[0][1], 1)
    assert told(second) == [("start", 1)]
    third = plan.ready(second[0][1], 2)
    assert told(third) == [("start", 2)]
    assert plan.ready(third[0][1], 3) == []


def test_workers_stop_in_reverse_and_the_plan_is_over_when_all_are_gone() -> None:
    plan = serving(3)

    actions = plan.stop(1)
    assert told(actions) == [("stop", 2), ("stop", 1), ("stop", 0)]
    for _, worker in actions:
        assert not plan.is_over()
        assert plan.ended(worker, 2) == []
    assert plan.is_over()


@pytest.mark.parametrize(
    ("strategy", "actions"),
    [
        (Strategy.ONE_FOR_ONE, [("start", 1)]),
        (Strategy.REST_FOR_ONE, [("stop", 2), ("start", 1)]),
        (Strategy.ONE_FOR_ALL, [("stop", 2), ("stop", 0), ("start", 0)]),
    ],
)
def test_who_is_restarted_with_a_worker_that_ended(
    strategy: Strategy, actions: list[tuple[str, int]]
) -> None:
    plan = serving(3, strategy)

    assert told(plan.ended(worker_in(plan, 1), 1)) == actions


def test_all_that_were_stopped_with_another_come_back() -> None:
    plan = serving(3, Strategy.ONE_FOR_ALL)
    pending = plan.ended(worker_in(plan, 1), 1)

    while pending:
        action, worker = pending.pop(0)
        pending += plan.ready(worker, 2) if action is Action.START else plan.ended(worker, 2)

    assert sorted(each.seat for each in plan.workers if each.state is State.SERVING) == [0, 1, 2]


def test_too_many_restarts_within_the_period_are_given_up() -> None:
    plan = serving(1, intensity=2)

    for now in (1.0, 2.0):
        [(action, _)] = plan.ended(plan.workers[0], now)
        assert action is Action.START
    assert plan.ended(plan.workers[0], 3.0) == []
    assert plan.gave_up
    assert plan.is_over()


def test_restarts_that_are_far_apart_are_not_too_many() -> None:
    plan = serving(1, intensity=1)

    for now in (0.0, 10.0, 20.0, 30.0):
        assert told(plan.ended(plan.workers[0], now)) == [("start", 0)]
    assert not plan.gave_up


def test_a_renewal_replaces_each_worker_when_its_successor_serves() -> None:
    plan = serving(2)
    old = [worker_in(plan, seat) for seat in range(2)]

    [(_, first)] = plan.renew(1)
    assert first.seat == 0
    assert old[0].state is State.SERVING
    actions = plan.ready(first, 2)
    assert [(action, worker.seat) for action, worker in actions] == [(Action.STOP, 0), (Action.START, 1)]
    assert actions[0][1] is old[0]
    last = plan.ready(actions[1][1], 3)
    assert [(action, worker) for action, worker in last] == [(Action.STOP, old[1])]
    assert plan.ended(old[0], 4) == []
    assert plan.ended(old[1], 5) == []
    assert len(plan.workers) == 2


def test_a_successor_that_does_not_start_leaves_the_one_that_serves() -> None:
    plan = serving(2)
    [(_, successor)] = plan.renew(1)

    assert plan.ended(successor, 2) == []
    assert sorted(each.seat for each in plan.workers) == [0, 1]
    assert all(each.state is State.SERVING for each in plan.workers)


def test_a_worker_without_a_heartbeat_says_where_it_hangs_and_is_killed() -> None:
    plan = serving(1)
    worker = plan.workers[0]

    assert plan.tick(9.9) == []
    assert told(plan.tick(10.0)) == [("dump", 0)]
    assert plan.tick(10.5) == []
    assert told(plan.tick(11.0)) == [("kill", 0)]
    assert told(plan.ended(worker, 11.1)) == [("start", 0)]


def test_a_heartbeat_is_all_it_takes() -> None:
    plan = serving(1)

    for now in range(5, 100, 5):
        plan.beat(plan.workers[0], now)
        assert plan.tick(now + 4.9) == []


def test_a_worker_that_wakes_up_after_its_dump_lives_on() -> None:
    plan = serving(1)

    assert told(plan.tick(10.0)) == [("dump", 0)]
    plan.beat(plan.workers[0], 10.5)
    assert plan.tick(11.5) == []


def test_a_worker_that_is_never_ready_says_where_it_is_and_is_killed() -> None:
    plan = plan_of(1)
    plan.start(0)

    assert told(plan.tick(30)) == [("dump", 0), ("kill", 0)]


def test_a_worker_that_does_not_stop_in_time_is_killed() -> None:
    plan = serving(1)
    plan.stop(0)

    assert plan.tick(14.9) == []
    assert told(plan.tick(15)) == [("kill", 0)]


def test_nobody_is_watched_who_need_not_be() -> None:
    plan = Plan(1, Limits(hang_s=0), Restarts(3, 5.0))
    [(_, worker)] = plan.start(0)
    plan.ready(worker, 0)

    assert plan.due() is None
    assert plan.tick(1e9) == []


def test_the_next_time_to_look_is_that_of_the_first_who_is_late() -> None:
    plan = serving(2)
    plan.beat(worker_in(plan, 0), 3)
    plan.beat(worker_in(plan, 1), 5)

    assert plan.due() == 13


def test_who_ends_after_the_stop_is_not_restarted() -> None:
    plan = serving(2)
    worker = worker_in(plan, 0)
    plan.stop(1)

    assert plan.ended(worker, 2) == []
    assert plan.renew(3) == []
