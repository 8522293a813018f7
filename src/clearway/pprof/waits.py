# What a task waits for, in a word or two: told only where it can be told.
#
# The innermost frames of a waiting task that stand in asyncio's own files name it: `Event.wait`,
# `Queue.get`, `StreamReader.readline`, `sleep`. Where the task awaits a future itself, all that is known is
# whose future it is: a gather's, one of another thread, another task, or somebody's.
"""What a task does: its state, and what it awaits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from clearway.pprof.stacks import Spot

if TYPE_CHECKING:
    from asyncio import Task

__all__ = ["READY", "RUNNING", "WAITING", "awaited", "state"]

RUNNING = "running"
"""The task is inside a step right now, perhaps in another thread."""

READY = "ready"
"""Nothing holds the task up: the loop will run it in a turn of its own."""

WAITING = "waiting"
"""The task waits for a future that is not done."""

_OF_ANOTHER_THREAD = "_chain_future"


def state(task: Task[Any], running: set[int]) -> str:
    """Return one of the three states; `running` holds the ids of the tasks that run."""
    if id(task) in running:
        return RUNNING
    future = getattr(task, "_fut_waiter", None)
    return READY if future is None or future.done() else WAITING


def awaited(task: Task[Any], stack: Sequence[Spot]) -> str:
    """Return what a waiting task waits for: `Event.wait`, `StreamReader.read`, `gather`, `Task`, `Future`.

    `stack` is the task's own, innermost first.
    """
    name = ""
    for code, _ in stack:
        if not code.co_filename.startswith(_asyncio_folder()):
            break
        name = code.co_qualname
    return name or _kind(getattr(task, "_fut_waiter", None))


def _kind(future: Any) -> str:
    if future is None:
        return ""
    name = type(future).__name__
    if name == "_GatheringFuture":
        return "gather"
    if any(_OF_ANOTHER_THREAD in getattr(each, "__qualname__", "") for each in _callbacks(future)):
        return "another thread"
    return name


def _callbacks(future: Any) -> list[object]:
    return [callback for callback, *_ in getattr(future, "_callbacks", None) or ()]


def _asyncio_folder() -> str:
    asyncio = sys.modules.get("asyncio")
    return os.path.dirname(getattr(asyncio, "__file__", None) or "?") + os.sep
