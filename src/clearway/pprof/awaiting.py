# asyncio keeps no link from a task to who awaits it: what it keeps are callbacks, to be called when the task
# is done. Each way to await leaves its own kind: `await task` the awaiting task's wakeup, TaskGroup a method
# of the group, gather, wait, shield and wait_for a closure or partial over a future that somebody awaits.
"""Which tasks await a task."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Future, Task

__all__ = ["awaiter_of", "suspended", "who_awaits"]

_NESTED = 8  # futures between a task and its awaiter: gather in shield in wait_for is three
_AWAITERS = 32  # tasks above each other


def who_awaits() -> tuple[int, list[tuple[CodeType, int]]] | None:
    """Return the id of the running task's coroutine, and the lines of those who await it, leaf first.

    None where no task runs in this thread. For the CPU sampler, which calls it between two bytecodes.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs here
        return None
    if task is None:
        return None
    lines: list[tuple[CodeType, int]] = []
    above = awaiter_of(task)
    for _ in range(_AWAITERS):
        if above is None:
            break
        lines += suspended(above.get_coro())
        above = awaiter_of(above)
    return id(task.get_coro()), lines


def awaiter_of(future: Future[Any] | Task[Any], nested: int = _NESTED) -> Task[Any] | None:
    """Return a task that waits for `future`, directly or through futures that stand between; None without."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        found = _awaiter_behind(callback, future, nested)
        if found is not None:
            return found
    return None


def _awaiter_behind(callback: Any, future: Any, nested: int) -> Task[Any] | None:
    tasks = sys.modules["asyncio"]
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, tasks.Task):
        return owner  # type: ignore[no-any-return]
    parent = getattr(owner, "_parent_task", None)
    if isinstance(parent, tasks.Task):
        return parent  # type: ignore[no-any-return]
    if nested:
        for each in _held_by(callback):
            if each is not future and tasks.isfuture(each) and not isinstance(each, tasks.Task):
                found = awaiter_of(each, nested - 1)
                if found is not None:
                    return found
    return None


def _held_by(callback: Any) -> Iterator[Any]:
    yield from getattr(callback, "args", ())
    for cell in getattr(callback, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:  # an empty one
            continue


def suspended(coroutine: Any) -> list[tuple[CodeType, int]]:
    """Return code and byte offset of a suspended coroutine and of what it awaits, leaf first."""
    lines: list[tuple[CodeType, int]] = []
    while coroutine is not None:
        frame = _first(coroutine, "cr_frame", "gi_frame", "ag_frame")
        if frame is None:
            break
        lines.append((frame.f_code, frame.f_lasti))
        coroutine = _first(coroutine, "cr_await", "gi_yieldfrom", "ag_await")
    lines.reverse()
    return lines


def _first(thing: Any, *names: str) -> Any:
    for name in names:
        if hasattr(thing, name):
            return getattr(thing, name)
    return None
