# A coroutine that may be interrupted between its awaits.
#
# Theory of operation
# -------------------
# A task calls `send` for each step. Here the step runs in a greenlet, so that it can be left in the middle:
# the slicer's signal handler switches back to the loop, `send` returns a future that stands for the task's
# next turn, and the task waits for it as for any other. When the turn comes, `send` goes back into the
# greenlet, which goes on where it was. To the task this looks like one more await.
#
# What is thrown meanwhile (a cancellation, a timeout) cannot be delivered between two bytecodes: asyncio
# promises that it arrives at an await. It is kept, the code goes on at its turn, and meets it at its next
# await.
"""A coroutine that may be interrupted between its awaits."""

from __future__ import annotations

from collections.abc import Coroutine, Generator, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

from clearway.sched.runqueue import Priority

if TYPE_CHECKING:
    from greenlet import greenlet

    from clearway.sched.slicer import Slicer

__all__ = ["PreemptibleCoroutine"]

T = TypeVar("T")


class PreemptibleCoroutine(Coroutine[Any, Any, T]):
    """Run `coroutine` step by step, in a place that it can be interrupted in.

    Made by `Scheduler.preemptible`. It is awaited, or made a task of, as any coroutine.

    Options:
        coroutine: What is run.
        slicer: Runs its steps.
        priority: Its class in the run queue.
        max_cpu_ns: What it may use before it is ended with `CpuLimitError`; 0 for no limit.
    """

    __slots__ = (
        "_coroutine",
        "_slicer",
        "_undelivered",
        "began_waiting_ns",
        "key",
        "max_cpu_ns",
        "parked",
        "priority",
        "turn",
        "used_ns",
    )

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        slicer: Slicer,
        priority: Priority = Priority.NORMAL,
        max_cpu_ns: int = 0,
    ) -> None:
        self._coroutine: Any = coroutine
        self._slicer = slicer
        self._undelivered: BaseException | None = None
        self.priority = priority
        self.max_cpu_ns = max_cpu_ns
        self.key: Hashable = None
        self.parked: greenlet | None = None  # where it was interrupted
        self.turn: Any = None  # the future that it waits for, while it is parked
        self.began_waiting_ns = 0
        self.used_ns = 0

    def send(self, value: Any) -> Any:
        """Run to the next await, or to the end of the time slice."""
        if self.parked is None:
            return self._slicer.run(self, self._coroutine.send, value)
        yielded = self._slicer.resume(self)
        if self._undelivered is None or self.turn is not None:  # interrupted once more
            return yielded
        error, self._undelivered = self._undelivered, None
        return self._slicer.run(self, self._coroutine.throw, error)

    def throw(self, kind: Any, value: Any = None, trace: Any = None, /) -> Any:
        """Raise an exception at the await where the coroutine stands, or at its next one."""
        error = _exception(kind, value, trace)
        if self.parked is None:
            return self._slicer.run(self, self._coroutine.throw, error)
        self._undelivered = error
        return self._slicer.wait_again(self)

    def close(self) -> None:
        """End the coroutine where it stands, as `Coroutine.close` does."""
        if self.parked is not None:
            self._slicer.abandon(self)
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, T]:
        return self

    def __iter__(self) -> PreemptibleCoroutine[T]:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    # What asyncio and profilers look at

    @property
    def cr_frame(self) -> Any:
        """The frame of the coroutine inside."""
        return self._coroutine.cr_frame

    @property
    def cr_await(self) -> Any:
        """What the coroutine inside awaits."""
        return self._coroutine.cr_await

    @property
    def cr_code(self) -> Any:
        """The code of the coroutine inside."""
        return self._coroutine.cr_code

    @property
    def cr_running(self) -> bool:
        """Whether the coroutine inside runs, or was interrupted while it ran."""
        return bool(self._coroutine.cr_running)

    @property
    def name(self) -> str:
        """The qualified name of the coroutine inside."""
        return str(self._coroutine.__qualname__)

    def __getattr__(self, name: str) -> Any:
        """Bear the name of the coroutine inside; in a class body these two would name the class."""
        if name in ("__name__", "__qualname__"):
            return getattr(self._coroutine, name)
        raise AttributeError(f"a PreemptibleCoroutine has no {name!r}")

    def __repr__(self) -> str:
        state = "interrupted" if self.parked is not None else "running" if self.cr_running else "suspended"
        return f"<PreemptibleCoroutine {self.name} {state}>"


def _exception(kind: Any, value: Any, trace: Any) -> BaseException:
    """Return the exception that the three arguments of `throw` stand for."""
    if isinstance(kind, BaseException):
        error = kind
    else:
        error = value if isinstance(value, BaseException) else kind() if value is None else kind(value)
    return error if trace is None else error.with_traceback(trace)
