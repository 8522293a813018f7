# Which tasks can never go on. Runs in a copy of the process that stands still (forked.py).
#
# Rule 1: a false alarm is worse than a miss. Whatever is not understood counts as able to act.
# Rule 2: what merely holds a task does not help it. Only who can complete its future, or acts on the task.
#
# Theory of operation
# -------------------
# A waiting task waits for one future. It can go on if somebody who is alive reaches that future: through an
# Event's waiters, a Queue's getters, a transport, a timer. So we walk the heap from what is alive, with the
# collector's own eyes (gc.get_referents), and every future that we meet wakes its task, whose coroutine is
# walked then, until nothing changes.
#
# Alive from the start: modules with all that they hold, what threads hold, running loops with their queues,
# timers and selectors, and tasks that wait for nothing.
#
# The walk stops at a waiting task, at its coroutine and at what that awaits. So a set of tasks, a registry,
# or the object that keeps `self.task` does not help. An actor that holds a task does: the frame of a live
# coroutine (it may cancel it), a closure, a bound method (`task.cancel`), a timer's arguments; and a Timeout,
# a task group or a cancel scope that one of these has.
#
# What is left, the island, is what only waiting tasks reach. There is more that the collector does not see:
# the frames of threads, C libraries, handles of libuv. But what they hold, they count. So for each object of
# the island take its reference count, and take off the references from inside; what remains comes from
# somebody we do not know, who is alive. It becomes a root, and the walk goes on. The same for an object that
# somebody outside holds a weak reference to: who looks it up by name may well complete it. Finalisers, weak
# references to tasks and to coroutines do not count.
#
# When that finds nothing more, the tasks that are left wait for what nobody can ever do.
"""Which waiting tasks nobody can ever wake."""

from __future__ import annotations

import gc
import sys
import weakref
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from functools import partial
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CellType,
    CoroutineType,
    FrameType,
    GeneratorType,
    MethodType,
    MethodWrapperType,
)
from typing import TYPE_CHECKING, Any

from clearway.pprof.stacks import links

if TYPE_CHECKING:
    from asyncio import Task

__all__ = ["stuck"]

# So many objects are asked for their referents at once: enough for C's speed, and little memory.
_CHUNK = 20_000

_SUSPENDED = (CoroutineType, GeneratorType, AsyncGeneratorType)
_ACTORS = (
    *_SUSPENDED,
    FrameType,
    CellType,
    MethodType,
    BuiltinFunctionType,
    MethodWrapperType,
    partial,
)
# Actors too.
_HANDLES = frozenset(("asyncio.events.Handle", "asyncio.events.TimerHandle", "uvloop.loop.Handle"))
_HANDLES |= {"uvloop.loop.TimerHandle"}
# Whoever is alive and has one of these at hand acts on the tasks that it holds.
_CANCELLERS = frozenset(
    (
        "asyncio.timeouts.Timeout",
        "asyncio.taskgroups.TaskGroup",
        "async_timeout.Timeout",
        "aiohttp.helpers.TimerContext",
        "anyio._backends._asyncio.CancelScope",
        "anyio._backends._asyncio.TaskGroup",
    )
)
# From a canceller to its tasks: its attributes, their dictionary, a set in there.
_AROUND_CANCELLER = 3
_CONTAINERS = (tuple, list, set, dict)


def stuck(tasks: list[Task[Any]], roots: Iterable[object]) -> tuple[list[int], int]:
    """Return the places in `tasks` of those that nobody can wake, and how many objects were looked at.

    `tasks` are all that have not ended; that list alone may hold them for the caller.
    `roots` are alive, beside the modules. Nothing else may run meanwhile, not the collector either.
    """
    walk = _Walk(tasks)
    walk.reach([sys.modules, *roots, *_loops(tasks), *walk.ready(tasks)])
    walk.run()
    while _Island(walk).rescue():
        walk.run()
    return [place for place, task in enumerate(tasks) if id(task) in walk.waiting], len(walk.seen)


class _Walk:
    """What is alive, and the tasks that nobody alive was seen to wake."""

    def __init__(self, tasks: list[Task[Any]]) -> None:
        self.waiting: dict[int, Task[Any]] = {}  # by id
        self.links: dict[int, list[object]] = {}  # of each: its coroutine, and what that awaits
        self.owner: dict[int, int] = {}  # of each waiting task and link, by id: the task. Here the walk stops
        self.held: Counter[int] = Counter()  # references to these from what was walked
        self._wakes: dict[int, list[int]] = {}  # the tasks that a future wakes
        self._frontier: list[object] = []
        self._acts = _Kinds(_HANDLES)
        self._acts.update(dict.fromkeys(_ACTORS, True))
        self._cancels = _Kinds(_CANCELLERS)
        for task in tasks:
            self._enter(task)
        self.seen: set[int] = set(self.owner)

    def _enter(self, task: Task[Any]) -> None:
        future: Any = getattr(task, "_fut_waiter", None)
        if future is None or future.done():
            return
        number = id(task)
        self.waiting[number] = task
        self.links[number] = list(links(task.get_coro()))
        self.owner[number] = number
        self.owner.update((id(link), number) for link in self.links[number])
        self._wakes.setdefault(id(future), []).append(number)

    def ready(self, tasks: list[Task[Any]]) -> Iterator[Task[Any]]:
        """Give the tasks that wait for nothing."""
        return (task for task in tasks if id(task) not in self.waiting)

    def reach(self, objects: Iterable[object]) -> None:
        """Visit these, and wake who waits for them."""
        several = list(objects)
        by_id = dict(zip(map(id, several), several, strict=True))
        fresh = by_id.keys() - self.seen
        self.seen |= fresh
        self._frontier += filter(gc.is_tracked, [by_id[number] for number in fresh])
        for number in by_id.keys() & (self._wakes.keys() - self.waiting.keys()):
            self.wake(self._wakes[number])

    def wake(self, numbers: Iterable[int]) -> None:
        """Visit these tasks and their coroutines, for they can go on; and wake who waits for them."""
        several = list(numbers)
        while several:
            number = several.pop()
            task = self.waiting.pop(number, None)
            if task is not None:
                reached: list[object] = [task, *self.links.pop(number)]
                for each in reached:
                    self.owner.pop(id(each), None)
                self._frontier += reached
                several += self._wakes.get(number, ())

    def run(self) -> None:
        """Visit all that is reached from what was reached."""
        while self._frontier:
            chunk = self._frontier[-_CHUNK:]
            del self._frontier[-_CHUNK:]
            found = gc.get_referents(*chunk)
            self.held.update(filter(self.owner.__contains__, map(id, found)))
            self.reach(found)
            self.wake(self._acted_on([each for each in chunk if self._acts[type(each)]]))

    def _acted_on(self, actors: list[Any]) -> list[int]:
        """Return the waiting tasks that these hold: themselves, in a tuple, or as a canceller does."""
        near = gc.get_referents(*actors)
        near += gc.get_referents(*(each for each in near if type(each) is tuple))
        beyond = [each for each in near if self._cancels[type(each)]]
        for _ in range(_AROUND_CANCELLER):
            beyond = gc.get_referents(*beyond)
            near += beyond
            beyond = [each for each in beyond if isinstance(each, _CONTAINERS)]
        return [number for number in map(id, near) if number in self.waiting]


class _Kinds(dict[type, bool]):
    """Which types have one of these names: they may not be loaded, or not be importable."""

    def __init__(self, names: Container[str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, kind: type) -> bool:
        self[kind] = f"{kind.__module__}.{kind.__qualname__}" in self._names
        return self[kind]


class _Island:
    """What waiting tasks reach and nobody else was seen to."""

    def __init__(self, walk: _Walk) -> None:
        self._walk = walk
        self._objects: list[object] = []
        self._inside: Counter[int] = Counter()  # references from inside
        frontier: list[object] = [
            *walk.waiting.values(),
            *(each for some in walk.links.values() for each in some),
        ]
        self._members = set(map(id, frontier))
        while frontier:
            chunk = frontier[-_CHUNK:]
            del frontier[-_CHUNK:]
            self._objects += chunk
            found = gc.get_referents(*chunk)
            self._inside.update(map(id, found))
            by_id = dict(zip(map(id, found), found, strict=True))
            fresh = by_id.keys() - self._members - walk.seen
            self._members |= fresh
            frontier += filter(gc.is_tracked, [by_id[number] for number in fresh])

    def rescue(self) -> bool:
        """Hand what somebody outside holds over to the walk; tell whether there was anything."""
        spare = next(map(sys.getrefcount, [object()]))  # what a list and the call itself hold
        counts = list(map(sys.getrefcount, self._objects))
        outside = [
            each
            for each, count in zip(self._objects, counts, strict=True)
            if count > spare + self._known(id(each))
        ]
        by_name = [each for each in self._objects if self._is_named_outside(each)]
        beyond = [each() for each in outside if isinstance(each, weakref.ReferenceType)]
        self._walk.wake([self._walk.owner[id(each)] for each in outside if id(each) in self._walk.owner])
        self._walk.reach([*outside, *by_name, *beyond])
        return bool(outside or by_name)

    def _known(self, number: int) -> int:
        """Return how many references to a member are accounted for."""
        ours = 0
        if number in self._walk.waiting:
            ours = 2  # the caller's list, and `waiting`
        elif number in self._walk.owner:
            ours = 1  # `links`
        return ours + self._inside[number] + self._walk.held[number]

    def _is_named_outside(self, thing: object) -> bool:
        """Tell whether somebody outside has a weak reference to it, by which to look it up."""
        if (
            id(thing) in self._walk.owner
            or isinstance(thing, _SUSPENDED)
            or not weakref.getweakrefcount(thing)
        ):
            return False
        return any(id(each) not in self._members | _finalisers() for each in weakref.getweakrefs(thing))


def _finalisers() -> set[int]:
    return {id(info.weakref) for info in weakref.finalize._registry.values()}  # type: ignore[attr-defined]


def _loops(tasks: list[Task[Any]]) -> Iterator[object]:
    return (
        loop
        for loop in {id(task.get_loop()): task.get_loop() for task in tasks}.values()
        if loop.is_running()
    )
