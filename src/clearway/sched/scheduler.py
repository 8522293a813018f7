"""The scheduler of one process: interrupts what computes too long, so that everybody else goes on."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Coroutine, Generator, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from clearway.clock import monotonic_ns, thread_time_ns
from clearway.sched.coroutine import PreemptibleCoroutine
from clearway.sched.errors import PreemptionUnavailableError, SchedOptionError
from clearway.sched.lane import Lane
from clearway.sched.runqueue import Priority, RunQueue
from clearway.sched.safepoint import SafePoints
from clearway.sched.selftest import preempts
from clearway.sched.slicer import Slicer
from clearway.sched.usage import Ledger, Usage

__all__ = ["QUANTUM_MS", "Scheduler", "SchedulerStatistics", "active"]

QUANTUM_MS = 10.0
"""The length of a time slice: Go's."""

_JIFFY_MS = 4.0  # the kernel rounds CPU timers up to its own ticks: 250 a second on most machines

T = TypeVar("T")
log = logging.getLogger("clearway.sched")


@dataclass(frozen=True, slots=True)
class SchedulerStatistics:
    """What the scheduler has done.

    Attributes:
        preempting: False where it only watches.
        waiting: Interrupted tasks that wait for their turn.
        usage: What each key used.
        missed: How often a task could not be interrupted, by reason.
    """

    preempting: bool
    waiting: int
    usage: Mapping[Hashable, Usage]
    missed: Mapping[str, int]


class Scheduler:
    """Interrupt tasks that compute too long, in code that its owner declared preemptible.

        async def main() -> None:
            with Scheduler(modules=["shop"]):
                await asyncio.gather(preemptible(report()), serve())

    While it is started, `preemptible(coroutine)` makes coroutines that it may interrupt, and `task_factory`
    makes every task of a loop such. What was interrupted waits in a lane of its own, of which one goes on
    in each turn
    of the loop: whoever computes without end delays the others by one slice, however many they are.

    Options:
        modules: Names of modules and packages that may be interrupted; what is below is too.
        quantum_ms: Length of a time slice.
        key: Tells whom the running code works for; slices are shared fairly between keys.
        weight_of: The share of a key, relative to others'.
        max_cpu_ms: What one coroutine may use before `CpuLimitError` ends it; 0 for no limit.

    The limits: one for each process, on the main thread's loop. C code cannot be interrupted; what could
    not be is in the statistics, with its place. Total work does not become less.
    Raises `SchedOptionError` for options that make no sense, `PreemptionUnavailableError` from `start`
    where there is no loop in the main thread, or another scheduler runs.
    """

    def __init__(
        self,
        modules: Iterable[str] = (),
        *,
        quantum_ms: float = QUANTUM_MS,
        key: Callable[[], Hashable] = lambda: None,
        weight_of: Callable[[Hashable], float] = lambda key: 1.0,
        max_cpu_ms: float = 0.0,
        now_ns: Callable[[], int] = monotonic_ns,
    ) -> None:
        if not 1 <= quantum_ms <= 1000:
            raise SchedOptionError(f"a quantum is 1 to 1,000 ms, not {quantum_ms:g}")
        if max_cpu_ms < 0:
            raise SchedOptionError(f"max_cpu_ms is 0 or more, not {max_cpu_ms:g}")
        self.points = SafePoints(modules)
        self.quantum_ms = quantum_ms
        self._max_cpu_ns = int(max_cpu_ms * 1e6)
        self._key, self._weight_of, self._now_ns = key, weight_of, now_ns
        self._ledger = Ledger()
        self._slicer: Slicer | None = None
        self._lane: Lane | None = None
        self._handler_before: Any = None

    # Starting and stopping

    def start(self) -> bool:
        """Begin to interrupt, in the running loop; return False if it can only watch, which is logged."""
        global _active  # noqa: PLW0603  # one for each process, like the signal that it takes
        loop = asyncio.get_running_loop()
        if threading.current_thread() is not threading.main_thread():
            raise PreemptionUnavailableError("signals reach the main thread alone: run the loop there")
        if _active is not None:
            raise PreemptionUnavailableError("another scheduler runs in this process")
        self._lane = Lane(loop, RunQueue(self._weight_of))
        self._slicer = Slicer(
            self.points,
            int(self.quantum_ms * 1e6),
            self._lane,
            self._ledger,
            self._now_ns,
            thread_time_ns,
            self._key,
        )
        self._handler_before = signal.signal(signal.SIGVTALRM, self._slicer.on_tick)
        tick_s = min(self.quantum_ms / 2, _JIFFY_MS) / 1000
        signal.setitimer(signal.ITIMER_VIRTUAL, tick_s, tick_s)
        _active = self
        if not preempts(self._slicer, self._now_ns):
            log.error("preemption does not work here: tasks are watched and not interrupted")
            self._slicer.points = None
        return self._slicer.points is not None

    def stop(self) -> None:
        """Interrupt nobody any more; what waits for its turn goes on without further interruption."""
        global _active  # noqa: PLW0603
        if self._slicer is None or _active is not self:
            return
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, self._handler_before or signal.SIG_IGN)
        self._slicer.points = None
        _active = None

    def __enter__(self) -> Scheduler:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    # Tasks

    def preemptible(
        self,
        coroutine: Coroutine[Any, Any, T],
        *,
        priority: Priority = Priority.NORMAL,
        max_cpu_ms: float | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Return a coroutine that does the same and may be interrupted."""
        if self._slicer is None or isinstance(coroutine, PreemptibleCoroutine):
            return coroutine
        limit = self._max_cpu_ns if max_cpu_ms is None else int(max_cpu_ms * 1e6)
        return PreemptibleCoroutine(coroutine, self._slicer, priority, limit)

    def task_factory(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any
    ) -> asyncio.Task[Any]:
        """Make a preemptible task of every coroutine: for `loop.set_task_factory`."""
        if isinstance(coroutine, Coroutine) and not isinstance(coroutine, Generator):
            coroutine = self.preemptible(coroutine)
        return asyncio.Task(coroutine, loop=loop, **options)

    def statistics(self) -> SchedulerStatistics:
        """Return what the scheduler has done."""
        slicer, lane = self._slicer, self._lane
        return SchedulerStatistics(
            preempting=slicer is not None and slicer.points is not None,
            waiting=0 if lane is None else len(lane),
            usage=self._ledger.snapshot(),
            missed={} if slicer is None else dict(slicer.missed),
        )

    def __repr__(self) -> str:
        now = self.statistics()
        state = "preempting" if now.preempting else "watching" if _active is self else "stopped"
        return f"<Scheduler {state}: {self.quantum_ms:g} ms, {now.waiting} waiting>"


_active: Scheduler | None = None


def active() -> Scheduler | None:
    """Return the scheduler that runs in this process, or None."""
    return _active
