# Who is there: every task, thread and greenlet, seen from any thread.
#
# asyncio keeps its tasks in WeakSets (3.11: one; 3.12 and 3.13: one, and a plain set of eager ones in their
# first step). Iterating a WeakSet while another thread adds to it raises. Copying the set of references
# inside of it runs no Python in between, so it cannot.
# From 3.14 on, C tasks are in lists of their threads: there asyncio.all_tasks(loop) reads them for any loop.
"""Every task, thread and greenlet of this process."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from clearway.pprof import _sampler
from clearway.pprof.stacks import Spot, callers, outward

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task

__all__ = ["Thread", "every_greenlet", "every_task", "every_thread", "running_tasks"]

_WEAK_SETS = ("_all_tasks", "_scheduled_tasks")
_C_LISTS = (3, 14)


class Thread(NamedTuple):
    """A thread that Python knows, and where it is.

    Attributes:
        name: Its own name.
        stack: Where it is, leaf first.
        frames: The ids of its frames, in the same order. Not the frames: whoever holds those of a running
            function keeps all that it has in its locals, and its own would keep itself.
    """

    name: str
    stack: list[Spot]
    frames: list[int]


def every_task() -> list[Task[Any]]:
    """Return the tasks of all loops in all threads that have not finished, the eager ones included.

    A program that never imported asyncio has none, and still has not imported it.
    """
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    found = [one for name in _WEAK_SETS for one in _referents(getattr(tasks, name, None))]
    found += list(getattr(tasks, "_eager_tasks", set()).copy())
    if sys.version_info >= _C_LISTS:
        found += [one for loop in _loops() for one in tasks.all_tasks(loop)]
    return [one for one in dict.fromkeys(found) if not one.done()]


def running_tasks() -> list[Task[Any]]:
    """Return the tasks that run in this moment: at most one in each thread."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    if sys.version_info >= _C_LISTS:
        return [one for loop in _loops() if (one := tasks.current_task(loop)) is not None]
    return list(tasks._current_tasks.copy().values())


def every_thread() -> list[Thread]:
    """Return the threads that are in Python, or were before they went into C, in order of their start."""
    names = {each.ident: each.name for each in threading.enumerate() if each.ident is not None}
    frames = sys._current_frames()
    frames[threading.get_ident()] = sys._getframe(1)
    idents = [
        *(ident for ident in names if ident in frames),
        *(ident for ident in frames if ident not in names),
    ]
    return [_thread(names.get(ident, "not started by threading"), frames[ident]) for ident in idents]


def _thread(name: str, leaf: FrameType) -> Thread:
    return Thread(name, outward(leaf), [id(frame) for frame in callers(leaf)])


def every_greenlet() -> list[Any]:
    """Return the greenlets that are suspended, if anybody has loaded greenlet.

    No list of them exists, so this looks at every object of the collector: 10 ms for a million, in which
    nothing else runs.
    """
    module = sys.modules.get("greenlet")
    kind = getattr(module, "greenlet", None)
    if kind is None:
        return []
    return [each for each in _sampler.objects_of(kind) if each.gr_frame is not None]


def _referents(weak: Any) -> list[Any]:
    references = getattr(weak, "data", None)
    return [] if references is None else [one for ref in references.copy() if (one := ref()) is not None]


def _loops() -> list[AbstractEventLoop]:
    events = sys.modules["asyncio.events"]
    return _sampler.objects_of(events.AbstractEventLoop)
