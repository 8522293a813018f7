# What a supervisor does next: decided here, done elsewhere.
#
# Rule 1: no processes, signals or clocks in this file. Events and the time go in, actions come out.
#
# Theory of operation
# -------------------
# A seat is a place for a worker; it has a number and at most two workers: the one that serves, and during a
# rolling restart its successor. Workers start in order, one after the other is ready, and stop in reverse.
#
#   STARTING --ready--> SERVING --stop--> STOPPING --exit--> gone
#      |                   |                 | too slow: kill
#      | too slow: kill    | no heartbeat: dump, then kill
#      +------exit---------+-- exit --> restarted, if there were not too many restarts
"""What a supervisor does next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from clearway.sched.supervision.restarts import Restarts, Strategy

__all__ = ["Action", "Limits", "Plan", "State", "Worker"]


class State(Enum):
    """How far a worker is."""

    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"
    KILLED = "killed"


class Action(Enum):
    """What to do with a worker."""

    START = "start"
    STOP = "stop"  # politely: it finishes what it has
    DUMP = "dump"  # it says where it hangs
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each thing may take, in seconds.

    Attributes:
        start_s: Until a worker says that it is ready.
        stop_s: Until a worker that was told to stop is gone.
        hang_s: Between two heartbeats; 0 to watch none.
        dump_s: For a worker that hangs to say where.
    """

    start_s: float = 30.0
    stop_s: float = 15.0
    hang_s: float = 30.0
    dump_s: float = 1.0


@dataclass(slots=True, eq=False)
class Worker:
    """One worker process, as the plan sees it."""

    seat: int
    state: State = State.STARTING
    since: float = 0.0  # of the state, or the last heartbeat
    dumped: bool = False


class Plan:
    """Decide what becomes of `count` workers.

    Each method takes an event and returns what to do, in order, as pairs of an `Action` and a `Worker`.
    """

    def __init__(
        self, count: int, limits: Limits, restarts: Restarts, strategy: Strategy = Strategy.ONE_FOR_ONE
    ) -> None:
        self.count = count
        self.limits = limits
        self.restarts = restarts
        self.strategy = strategy
        self.workers: list[Worker] = []
        self.is_stopping = False
        self.gave_up = False
        self._renewing: list[int] = []  # seats whose worker is still to be replaced in a rolling restart

    # Events

    def start(self, now: float) -> list[tuple[Action, Worker]]:
        """Begin: the first worker starts."""
        return list(self._fill(now))

    def ready(self, worker: Worker, now: float) -> list[tuple[Action, Worker]]:
        """A worker serves: its predecessor may go, and the next one may start."""
        if worker.state is not State.STARTING:
            return []
        worker.state, worker.since = State.SERVING, now
        actions = [
            self._stop(other, now)
            for other in self.workers
            if other.seat == worker.seat and other is not worker and other.state is State.SERVING
        ]
        return [*actions, *self._fill(now)]

    def beat(self, worker: Worker, now: float) -> None:
        """A worker is alive."""
        if worker.state is State.SERVING:
            worker.since, worker.dumped = now, False

    def ended(self, worker: Worker, now: float) -> list[tuple[Action, Worker]]:
        """A worker is gone."""
        self.workers.remove(worker)
        if self.is_stopping:
            return []
        if worker.state is State.STOPPING:
            return list(self._fill(now))
        if not self.restarts.allow(now):
            self.gave_up = True
            return self.stop(now)
        if worker.seat in self._serving():
            self._renewing.clear()  # a successor that does not start: those who serve stay
            return []
        affected = self.strategy.affected(worker.seat, self.count)
        stopped = [
            self._stop(other, now)
            for other in reversed(self.workers)
            if other.seat in affected and other.state in (State.STARTING, State.SERVING)
        ]
        return [*stopped, *self._fill(now)]

    def renew(self, now: float) -> list[tuple[Action, Worker]]:
        """Replace every worker, one after the other, each only when its successor serves."""
        if self.is_stopping:
            return []
        self._renewing = list(range(self.count))
        return list(self._fill(now))

    def stop(self, now: float) -> list[tuple[Action, Worker]]:
        """Stop all workers, the last first; nobody waits for another, so one deadline holds for all."""
        self.is_stopping = True
        serving = [each for each in self.workers if each.state in (State.STARTING, State.SERVING)]
        return [self._stop(worker, now) for worker in sorted(serving, key=lambda each: -each.seat)]

    def tick(self, now: float) -> list[tuple[Action, Worker]]:
        """Look at who took too long."""
        return [action for worker in list(self.workers) for action in self._overdue(worker, now)]

    # Decisions

    def is_over(self) -> bool:
        """Tell whether nobody is left and nobody will come."""
        return self.is_stopping and not self.workers

    def due(self) -> float | None:
        """Return when `tick` has something to do at the earliest, or None."""
        times = [worker.since + limit for worker in self.workers if (limit := self._limit(worker))]
        return min(times, default=None)

    def _fill(self, now: float) -> Iterator[tuple[Action, Worker]]:
        """Start the next worker that is missing, or the next successor, unless one is starting."""
        if self.is_stopping or any(worker.state is State.STARTING for worker in self.workers):
            return
        taken = self._serving()
        empty = [seat for seat in range(self.count) if seat not in taken]
        if empty:
            seat = empty[0]
        elif self._renewing:
            seat = self._renewing[0]
        else:
            return
        if seat in self._renewing:
            self._renewing.remove(seat)  # whoever starts now is new
        worker = Worker(seat, State.STARTING, now)
        self.workers.append(worker)
        yield Action.START, worker

    def _serving(self) -> set[int]:
        return {worker.seat for worker in self.workers if worker.state is State.SERVING}

    def _stop(self, worker: Worker, now: float) -> tuple[Action, Worker]:
        worker.state, worker.since = State.STOPPING, now
        return Action.STOP, worker

    def _limit(self, worker: Worker) -> float:
        limits = self.limits
        if worker.state is State.SERVING:
            return limits.hang_s and limits.hang_s + (limits.dump_s if worker.dumped else 0.0)
        return {State.STARTING: limits.start_s, State.STOPPING: limits.stop_s}.get(worker.state, 0.0)

    def _overdue(self, worker: Worker, now: float) -> Iterator[tuple[Action, Worker]]:
        limit = self._limit(worker)
        if not limit or now < worker.since + limit:
            return
        if worker.state is not State.STOPPING and not worker.dumped:
            worker.dumped = True
            yield Action.DUMP, worker
            if worker.state is State.SERVING:
                return  # it is killed when it had time to say where it hangs
        if worker.state is State.STOPPING:
            worker.since = now
        else:
            worker.state = State.KILLED
        yield Action.KILL, worker
