"""The proof, at start, that a computation can be interrupted in this process."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from clearway.sched.coroutine import PreemptibleCoroutine
from clearway.sched.safepoint import SafePoints
from clearway.sched.slicer import Slicer

__all__ = ["preempts"]

_PATIENCE = 100  # quanta: a second at 10 ms, for a machine that has other things to do
_MARK: ContextVar[str] = ContextVar("clearway.sched.selftest")


def preempts(slicer: Slicer, now_ns: Callable[[], int]) -> bool:
    """Tell whether a loop that awaits nothing is interrupted, goes on, and keeps its context."""
    declared, slicer.points = slicer.points, SafePoints([__name__])
    interruptions: list[object] = []
    until = now_ns() + _PATIENCE * slicer.quantum_ns
    coroutine = PreemptibleCoroutine(_spin(interruptions, now_ns, until), slicer)
    mark = _MARK.set("here")
    try:
        while True:
            interruptions.append(coroutine.send(None))
    except StopIteration as end:
        return bool(interruptions) and end.value == "here"
    finally:
        _MARK.reset(mark)
        slicer.points = declared


async def _spin(interruptions: list[object], now_ns: Callable[[], int], until: int) -> str:
    """Compute until somebody interrupts, or patience ends."""
    while not interruptions and now_ns() < until:
        pass
    return _MARK.get("lost")
