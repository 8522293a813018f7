# What is watched, and how. A method of a Python class is replaced by one that measures, so that instances
# from before are seen, and put back when nothing is watched any more: then nothing here costs anything.
#
# asyncio: Lock.acquire, Semaphore.acquire, Event.wait, Condition.wait, Queue.get and Queue.put. A call that
# will not wait goes straight through. Queue.join and Barrier.wait wait in these, and are in the stack.
#
# threading: Condition.wait. Event, Semaphore, Barrier, queue.Queue wait in it, and are in the stack.
#
# threading.Lock and RLock are C: their methods cannot be replaced. So those that are made while they are
# watched, by these names of the module, are WatchedLocks around them. Those from before are not seen, nor are
# locks made under a name that was imported before, by _thread, or in C, such as queue.SimpleQueue's.
"""The methods that are replaced while waits are watched."""

from __future__ import annotations

import _thread
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine
from importlib import import_module
from types import CodeType
from typing import Any, NamedTuple

from clearway.pprof.contention import WATCH
from clearway.pprof.watchedlock import watched_lock, watched_rlock

__all__ = ["install", "remove"]

Method = Callable[..., Any]


class Patch(NamedTuple):
    """One name that is replaced: of a class or module, and by what."""

    owner: Any
    name: str
    replacement: Any


# Of each asyncio method that may wait: whether it will go on at once.
_FREE: tuple[tuple[str, str, str, Callable[[Any], bool]], ...] = (
    ("asyncio.locks", "Lock", "acquire", lambda lock: not lock._locked and not lock._waiters),
    ("asyncio.locks", "Semaphore", "acquire", lambda semaphore: not semaphore.locked()),
    ("asyncio.locks", "Event", "wait", lambda event: event._value),
    ("asyncio.locks", "Condition", "wait", lambda condition: False),
    ("asyncio.queues", "Queue", "get", lambda queue: not queue.empty()),
    ("asyncio.queues", "Queue", "put", lambda queue: not queue.full()),
)
_RELEASES = (("asyncio.locks", "Lock"), ("asyncio.locks", "Semaphore"))

_installed: list[tuple[Patch, Any]] = []
_installing = _thread.RLock()


def install() -> None:
    """Replace what is not replaced yet. It imports asyncio."""
    with _installing:
        for patch in () if _installed else _patches():
            _installed.append((patch, getattr(patch.owner, patch.name)))
            setattr(patch.owner, patch.name, patch.replacement)


def remove() -> None:
    """Put back what was there, where nobody else has replaced it since."""
    with _installing:
        while _installed:
            patch, before = _installed.pop()
            if getattr(patch.owner, patch.name) is patch.replacement:
                setattr(patch.owner, patch.name, before)


def _patches() -> list[Patch]:
    found = []
    for module, kind, name, is_free in _FREE:
        owner = getattr(import_module(module), kind)
        found.append(Patch(owner, name, _waiting(getattr(owner, name), is_free, name == "acquire")))
    for module, kind in _RELEASES:
        owner = getattr(import_module(module), kind)
        found.append(Patch(owner, "release", _releasing(owner.release)))
    found.append(Patch(threading.Condition, "wait", _blocking(threading.Condition.wait)))
    found.append(Patch(threading, "Lock", watched_lock))
    found.append(Patch(threading, "RLock", watched_rlock))
    return found


def _waiting(original: Method, is_free: Callable[[Any], bool], has_holder: bool) -> Method:
    @functools.wraps(original)
    def wait(self: Any, *args: Any) -> Coroutine[Any, Any, Any]:
        waits: Coroutine[Any, Any, Any] = original(self, *args)
        return waits if is_free(self) else _timed(waits, original.__code__, self if has_holder else None)

    return _as_coroutine_function(wait)


async def _timed(waits: Awaitable[Any], leaf: CodeType, lock: object | None) -> Any:
    token = WATCH.wait_begins(lock)
    try:
        return await waits
    finally:
        WATCH.wait_ends(token, leaf, lock)


def _releasing(original: Method) -> Method:
    @functools.wraps(original)
    def release(self: Any) -> None:
        if WATCH.is_waited_for(self):
            WATCH.hand_over(self, original.__code__)
        original(self)

    return release


def _blocking(original: Method) -> Method:
    def wait(self: threading.Condition, timeout: float | None = None) -> bool:
        token = WATCH.wait_begins()
        try:
            is_notified: bool = original(self, timeout)
            return is_notified
        finally:
            WATCH.wait_ends(token, original.__code__)

    WATCH.ours[id(wait.__code__)] = wait.__code__
    return functools.update_wrapper(wait, original)


def _as_coroutine_function(method: Method) -> Method:
    mark = getattr(inspect, "markcoroutinefunction", None)  # from 3.12 on
    return mark(method) if mark else method


WATCH.ours[id(_timed.__code__)] = _timed.__code__
