# A task whose first step runs now.
#
# Most requests are answered by an app in one step: it awaits nothing that is not there. A usual task would
# begin in the next turn of the event loop, after a handle was made, queued and taken out again. From Python
# 3.12 on asyncio has eager tasks. Before that a task hands its first step to `loop.call_soon` in its
# constructor, where we catch it: an attribute of the loop object hides the method for that moment. A loop
# belongs to its thread, so nobody else sees it, apart from finalizers that the collector may run: what they
# ask for goes on to the loop.
#
# Inside another task the first step waits for its turn, as usual: two tasks at once would be one too many.
"""Tasks whose first step runs now."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

__all__ = ["start_now"]

T = TypeVar("T")


def start_now(
    coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, name: str
) -> asyncio.Task[T]:
    """Return a task that has taken its first step, and may be done."""
    if asyncio.current_task(loop) is not None:
        return loop.create_task(coroutine, name=name)
    return _begun(coroutine, loop, name)


if sys.version_info >= (3, 12):

    def _begun(
        coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, name: str
    ) -> asyncio.Task[T]:
        return asyncio.Task(coroutine, loop=loop, name=name, eager_start=True)

else:

    def _begun(
        coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop, name: str
    ) -> asyncio.Task[T]:
        first = _FirstStep(loop)
        loop.call_soon = first  # type: ignore[assignment, method-assign]
        try:
            task = asyncio.Task(coroutine, loop=loop, name=name)
        finally:
            del loop.call_soon
        if first.step is not None and first.context is not None:
            first.context.run(first.step)
        return task


class _FirstStep:
    """Stands for `loop.call_soon`, and keeps the step that a task wants to be called."""

    __slots__ = ("_loop", "context", "step")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.step: Any = None
        self.context: Context | None = None

    def __call__(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        if type(callback).__name__ == _STEP and self.step is None:
            self.step, self.context = callback, context
            return None
        return type(self._loop).call_soon(self._loop, callback, *args, context=context)


_STEP = "TaskStepMethWrapper"  # what asyncio's C code wraps a task's step in
