# Time slices: greenlets that steps run in, and the signal that ends a slice.
#
# Theory of operation
# -------------------
# The loop's own greenlet is the hub. A step runs in a worker greenlet: one worker after another serves all
# steps, because a step that ends gives its worker back; only a step that is interrupted keeps it. A timer
# ticks twice in each quantum of the process's own CPU time. Python runs its handler between two bytecodes of
# whatever runs, in that greenlet: if the slice is over and the place is a safe point, it switches to the hub.
#
# greenlet's documents warn of switching in a signal handler. Until Python 3.7 handlers ran as pending
# calls, under a flag that a switch left set (cpython#79604); since 3.8 they do not. The self-test proves it
# at start.
#
# Thread contract: everything here belongs to the main thread, which runs the loop and gets the signals.
"""Time slices: where the steps of tasks run, and how they are interrupted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Hashable
from types import FrameType
from typing import TYPE_CHECKING, Any

import greenlet

from clearway.sched.coroutine import PreemptibleCoroutine
from clearway.sched.critical import is_critical
from clearway.sched.errors import CpuLimitError
from clearway.sched.safepoint import SafePoints
from clearway.sched.usage import Ledger, Usage

if TYPE_CHECKING:
    from clearway.sched.lane import Lane

__all__ = ["Slicer"]

_IDLE_WORKERS = 16
_REASONS = 1000  # told apart in `missed`
_RETURNED, _RAISED, _PREEMPTED = range(3)


class Slicer:
    """Run steps of coroutines, and interrupt those that overrun their slice.

    Options:
        points: Where a step may be interrupted; None to interrupt nothing and only keep accounts.
        quantum_ns: Length of a slice.
        lane: Where interrupted coroutines wait.
        ledger: What each key used.
        now_ns, cpu_ns: Read a steady clock, and the thread's CPU clock.
        key: Tells whom the running code works for; called in its context.
    """

    def __init__(
        self,
        points: SafePoints | None,
        quantum_ns: int,
        lane: Lane,
        ledger: Ledger,
        now_ns: Callable[[], int],
        cpu_ns: Callable[[], int],
        key: Callable[[], Hashable],
    ) -> None:
        self.points = points
        self.quantum_ns = quantum_ns
        self.ledger = ledger
        self.missed: dict[str, int] = {}
        self._lane = lane
        self._now_ns, self._cpu_ns = now_ns, cpu_ns
        self._key = key
        self._hub = greenlet.getcurrent()
        self._idle: list[greenlet.greenlet] = []
        self._running: PreemptibleCoroutine[Any] | None = None
        self._began_ns = 0
        self._ticked_cpu_ns = cpu_ns()  # on the thread's CPU clock, at the last tick
        self._is_ticking = False
        self._ended = _RETURNED
        self._value: Any = None

    # Steps

    def run(self, coroutine: PreemptibleCoroutine[Any], step: Callable[[Any], Any], value: Any) -> Any:
        """Run one step of `coroutine`; return what it yields, or its next turn if it was interrupted."""
        if self._running is not None or self.points is None or greenlet.getcurrent() is not self._hub:
            return self._run_here(coroutine, step, value)  # inside of another one's slice, or elsewhere
        worker = self._idle.pop() if self._idle else greenlet.greenlet(self._work, self._hub)
        worker.gr_context = self._hub.gr_context
        self._begin(coroutine)
        worker.switch(step, value)
        return self._end(coroutine)

    def resume(self, coroutine: PreemptibleCoroutine[Any]) -> Any:
        """Go on where `coroutine` was interrupted."""
        parked, coroutine.parked, coroutine.turn = coroutine.parked, None, None
        assert parked is not None, "only what is parked is resumed"
        self._lane.leave(coroutine)
        self.ledger.of(coroutine.key).delayed(self._now_ns() - coroutine.began_waiting_ns)
        self._begin(coroutine)
        parked.switch()
        return self._end(coroutine)

    def wait_again(self, coroutine: PreemptibleCoroutine[Any]) -> Any:
        """Give an interrupted coroutine another turn: the one that it waited for was taken from it."""
        self._lane.leave(coroutine)
        return self._lane.enter(coroutine, 0)

    def abandon(self, coroutine: PreemptibleCoroutine[Any]) -> None:
        """Unwind a coroutine that was interrupted and will never go on."""
        parked, coroutine.parked, coroutine.turn = coroutine.parked, None, None
        self._lane.leave(coroutine)
        if parked is not None:
            self._begin(coroutine)
            parked.throw(GeneratorExit)
            self._running = None
            self._value = None

    def _begin(self, coroutine: PreemptibleCoroutine[Any]) -> None:
        self._running = coroutine
        self._began_ns = self._now_ns()

    def _end(self, coroutine: PreemptibleCoroutine[Any]) -> Any:
        used = self._now_ns() - self._began_ns
        self._running = None
        coroutine.used_ns += used
        ended, value, self._value = self._ended, self._value, None
        if ended == _PREEMPTED:
            self._account(coroutine, used).preemptions += 1
            coroutine.began_waiting_ns = self._began_ns + used
            return self._lane.enter(coroutine, used)
        if self._idle:
            self._idle[-1].gr_context = None  # an idle worker must not keep a request's context
        if ended == _RETURNED:
            self._account(coroutine, used)
            return value
        self._account(coroutine, used).finished += 1
        try:
            raise value
        finally:
            del value

    def _account(self, coroutine: PreemptibleCoroutine[Any], used: int) -> Usage:
        if coroutine.key is None:
            coroutine.key = self._key()
        usage = self.ledger.of(coroutine.key)
        usage.cpu_ns += used
        usage.slices += 1
        return usage

    def _run_here(self, coroutine: PreemptibleCoroutine[Any], step: Callable[[Any], Any], value: Any) -> Any:
        if self._running is not None:
            return step(value)  # the slice around it is charged
        self._begin(coroutine)
        try:
            return step(value)
        finally:
            used = self._now_ns() - self._began_ns
            self._running = None
            coroutine.used_ns += used
            usage = self._account(coroutine, used)
            if used > 2 * self.quantum_ns:
                usage.held(used, coroutine.name)

    def _work(self, step: Callable[[Any], Any] | None, value: Any) -> None:
        """The body of a worker: step after step, each for whoever switches here."""
        me = greenlet.getcurrent()
        while True:
            try:
                self._value = step(value)  # type: ignore[misc]
                self._ended = _RETURNED
            except BaseException as error:  # noqa: BLE001  # it is raised again in the hub
                self._value, self._ended = error, _RAISED
            step = value = None
            if len(self._idle) >= _IDLE_WORKERS:
                return
            self._idle.append(me)
            step, value = self._hub.switch()

    # Ticks

    def on_tick(self, number: int = signal.SIGVTALRM, frame: FrameType | None = None) -> None:
        """Interrupt the running step if its slice is over, where that is safe (a signal handler)."""
        coroutine = self._running
        cpu = self._cpu_ns()
        since, self._ticked_cpu_ns = cpu - self._ticked_cpu_ns, cpu
        if coroutine is None or self._is_ticking:
            return
        used = self._now_ns() - self._began_ns
        if used < self.quantum_ns:
            return
        self._is_ticking = True  # what follows is Python too, and may be ticked
        if since > 2 * self.quantum_ns:  # no handler ran for so long: it was in C
            self.ledger.of(coroutine.key).held(since, f"in C, {_place(frame)}")
        interrupts = self._may_interrupt(coroutine, used, frame)
        self._is_ticking = False
        if not interrupts:
            return
        if coroutine.max_cpu_ns and coroutine.used_ns + used > coroutine.max_cpu_ns:
            raise CpuLimitError(coroutine.name, coroutine.max_cpu_ns)
        coroutine.parked = greenlet.getcurrent()
        self._ended = _PREEMPTED
        self._hub.switch()

    def _may_interrupt(
        self, coroutine: PreemptibleCoroutine[Any], used: int, frame: FrameType | None
    ) -> bool:
        if self.points is None or greenlet.getcurrent() is self._hub:
            return False
        refusal = "in a critical section" if is_critical() else self.points.refusal(frame)
        if refusal is None:
            return True
        if len(self.missed) < _REASONS or refusal in self.missed:
            self.missed[refusal] = self.missed.get(refusal, 0) + 1
        self.ledger.of(coroutine.key).held(used, f"{refusal}, {_place(frame)}")
        return False


def _place(frame: FrameType | None) -> str:
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"
