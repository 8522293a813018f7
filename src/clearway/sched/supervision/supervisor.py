# The thin layer: processes, signals and pipes. What to do is decided in plan.py.
#
# Workers are forked, so the supervisor must have no threads, and imports nothing of the program: a worker
# that is started later reads the program's files anew.
"""Worker processes, started, watched, renewed and stopped."""

from __future__ import annotations

import logging
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from clearway.clock import Clock, monotonic
from clearway.sched.errors import SchedError
from clearway.sched.supervision.child import DUMP_SIGNAL, READY, Link
from clearway.sched.supervision.plan import Action, Limits, Plan, State, Worker
from clearway.sched.supervision.restarts import Restarts, Strategy

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Supervisor", "WorkersFailedError"]

log = logging.getLogger("clearway.sched")


class WorkersFailedError(SchedError):
    """Workers ended more often than the supervisor may restart them."""


class Supervisor:
    """Run `work` in several processes, and keep them running.

        def work(link: Link) -> int:
            return asyncio.run(serve(link))  # it says link.ready(), and awaits link.beat()

        Supervisor(work, workers=4).run()

    SIGTERM and SIGINT stop the workers, the last first; a second one kills them. SIGHUP replaces them one
    by one, each when its successor serves. A worker whose loop does not turn for `limits.hang_s` writes its
    stacks to
    standard error and is killed.

    Options:
        work: Called in each worker with its `Link`; what it returns is the worker's exit status.
        workers: How many.
        limits: How long each thing may take.
        intensity, period_s: More restarts than `intensity` in `period_s` seconds, and it gives up.
        strategy: Who is restarted with a worker that ended.

    Raises `WorkersFailedError` from `run` when it gave up. Sockets that workers share are opened before.
    """

    def __init__(
        self,
        work: Callable[[Link], int],
        workers: int,
        *,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        intensity: int = 5,
        period_s: float = 10.0,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        clock: Clock = monotonic,
        leave: Callable[[int], NoReturn] = os._exit,
    ) -> None:
        self._work = work
        self._leave = leave  # a worker must not return into the frames of its supervisor
        self._clock = clock
        self._limits = limits
        self.plan = Plan(workers, limits, Restarts(intensity, period_s), strategy)
        self._processes: dict[int, Worker] = {}
        self._ids: dict[Worker, int] = {}
        self._selector = selectors.DefaultSelector()
        self._wanted: list[int] = []  # signals that came
        self._status = 0

    def run(self) -> None:
        """Start the workers and look after them until they are stopped."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self._selector.register(reading, selectors.EVENT_READ)
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        handled = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
        handlers = {number: signal.signal(number, self._note) for number in handled}
        try:
            self._do(self.plan.start(self._clock()))
            while not self.plan.is_over():
                self._wait(reading)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before)
            self._selector.close()
            os.close(reading)
            os.close(writing)
        if self.plan.gave_up:
            raise WorkersFailedError(
                f"workers ended {self.plan.restarts.total} times, the last one with status {self._status}",
                hint="what they said before is above; a fault that comes back is not mended by a restart",
            )

    # Events

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._wanted.append(number)

    def _wait(self, wakeups: int) -> None:
        due = self.plan.due()
        timeout = None if due is None else max(due - self._clock(), 0.0)
        for key, _ in self._selector.select(timeout):
            if key.fd == wakeups:
                os.read(wakeups, 4096)
            else:
                self._hear(key.fd, key.data)
        wanted, self._wanted = self._wanted, []
        for number in wanted:
            self._act_on(number)
        self._do(self.plan.tick(self._clock()))

    def _hear(self, descriptor: int, worker: Worker) -> None:
        said = os.read(descriptor, 4096)
        now = self._clock()
        if not said:
            self._selector.unregister(descriptor)
            os.close(descriptor)
            return
        self.plan.beat(worker, now)
        if READY in said:
            log.info("worker %d serves", worker.seat, extra={"worker": worker.seat})
            self._do(self.plan.ready(worker, now))

    def _act_on(self, number: int) -> None:
        now = self._clock()
        if number == signal.SIGCHLD:
            self._reap(now)
        elif number == signal.SIGHUP:
            self._do(self.plan.renew(now))
        elif self.plan.is_stopping:
            for process in self._processes:
                os.kill(process, signal.SIGKILL)
        else:
            self._do(self.plan.stop(now))

    def _reap(self, now: float) -> None:
        for process, worker in list(self._processes.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if not ended:
                continue
            del self._processes[process], self._ids[worker]
            self._status = os.waitstatus_to_exitcode(status)
            if worker.state not in (State.STOPPING, State.KILLED):
                log.error("worker %d ended by itself: %s", worker.seat, _ending(self._status))
            self._do(self.plan.ended(worker, now))

    # Actions

    def _do(self, actions: list[tuple[Action, Worker]]) -> None:
        for action, worker in actions:
            if action is Action.START:
                self._start(worker)
            elif worker in self._ids:
                self._signal(action, worker)

    def _signal(self, action: Action, worker: Worker) -> None:
        number = {Action.STOP: signal.SIGTERM, Action.DUMP: DUMP_SIGNAL, Action.KILL: signal.SIGKILL}[action]
        if action is not Action.STOP:
            log.error("worker %d does not answer: %s", worker.seat, action.value)
        os.kill(self._ids[worker], number)

    def _start(self, worker: Worker) -> None:
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            self._leave(self._live(worker, reading, writing))
        os.close(writing)
        os.set_blocking(reading, False)
        self._processes[process] = worker
        self._ids[worker] = process
        self._selector.register(reading, selectors.EVENT_READ, worker)

    def _live(self, worker: Worker, reading: int, writing: int) -> int:
        """Be a worker: return its exit status."""
        try:
            signal.set_wakeup_fd(-1)
            self._leave_behind(reading)
            beat_s = self._limits.hang_s / 4 if self._limits.hang_s else 3600.0
            link = Link(writing, min(beat_s, 1.0), worker.seat)
            link.begin()
            return self._work(link)
        except SystemExit as leaving:
            return leaving.code if isinstance(leaving.code, int) else 1
        except BaseException:  # noqa: BLE001  # there is nobody above to raise it to
            traceback.print_exc()
            return 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()

    def _leave_behind(self, reading: int) -> None:
        """Close what is the supervisor's: a worker that held the others' pipes would keep them open."""
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()
        os.close(reading)

    def statistics(self) -> dict[str, Any]:
        """Return the workers by seat, and how often they were restarted."""
        workers = [
            {"seat": each.seat, "pid": self._ids.get(each), "state": each.state.value}
            for each in self.plan.workers
        ]
        return {"workers": workers, "restarts": self.plan.restarts.total}

    def __repr__(self) -> str:
        states = ", ".join(f"{each.seat} {each.state.value}" for each in self.plan.workers)
        return f"<Supervisor {states or 'of nobody'}>"


def _ending(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
