# The run queue: which preempted task runs next.
#
# Rule 1: everything that orders tasks lives here, and nothing here starts, stops or times one.
# Rule 2: this file never reads a clock. What a task used is an argument, so a test owns time.
#
# Theory of operation
# -------------------
# Fair by weighted virtual time, as in Linux's CFS: each key (a route and a principal, say) has a virtual
# time that grows by what its tasks used, divided by its weight; the key with the least goes next, and its
# tasks take turns. A key that comes, or comes back, starts at the least virtual time of those that wait: it
# has no claim on what it did not use while it was away. A key that is not ahead of the others is forgotten
# when its last task leaves, so memory is bounded by those that wait or owe.
#
# Above that stand BEAM's four classes. A lower class is passed over for a higher one seven times in a row,
# and the eighth turn is its own; in BEAM that is so for low under normal alone, and max and high may starve
# the rest.
"""The run queue: which preempted task runs next."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable
from enum import IntEnum
from typing import Generic, TypeVar

__all__ = ["Priority", "RunQueue"]

T = TypeVar("T", bound=Hashable)

_PASSED_OVER = 7


class Priority(IntEnum):
    """BEAM's classes of tasks, the most urgent first."""

    MAX = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3


class RunQueue(Generic[T]):
    """Order tasks that were preempted: fairly by key, urgent classes first, none starved.

        queue = RunQueue[str]()
        queue.push("report", key=("/report", "acme"), used_ns=10_000_000)
        assert queue.pop() == "report"

    Options:
        weight_of: The share of a key, relative to others'; 1 for each by default.
    """

    def __init__(self, weight_of: Callable[[Hashable], float] = lambda key: 1.0) -> None:
        self._classes = [_FairQueue[T](weight_of) for _ in Priority]
        self._passed = [0] * len(Priority)

    def push(
        self, task: T, key: Hashable = None, priority: Priority = Priority.NORMAL, used_ns: int = 0
    ) -> None:
        """Let a task wait for its turn, and charge its key for what the task used since its last one."""
        self._classes[priority].push(task, key, used_ns)

    def pop(self) -> T | None:
        """Return the task whose turn it is, or None if none waits."""
        for priority in self._order():
            return self._classes[priority].pop()
        return None

    def discard(self, task: T) -> bool:
        """Take a task out that waits no more; tell whether it was there."""
        return sum(each.discard(task) for each in self._classes) > 0

    def __len__(self) -> int:
        return sum(map(len, self._classes))

    def __repr__(self) -> str:
        waiting = {each.name.lower(): len(self._classes[each]) for each in Priority if self._classes[each]}
        return f"<RunQueue {waiting or 'empty'}>"

    def _order(self) -> list[int]:
        """Return the class whose turn it is, if any, and count who was passed over."""
        waiting = [number for number, each in enumerate(self._classes) if len(each)]
        if not waiting:
            return []
        due = next((number for number in waiting[1:] if self._passed[number] >= _PASSED_OVER), waiting[0])
        for number in waiting:
            self._passed[number] = 0 if number == due else self._passed[number] + (number > due)
        return [due]


class _FairQueue(Generic[T]):
    """One class: keys by virtual time, the tasks of a key first come, first served."""

    def __init__(self, weight_of: Callable[[Hashable], float]) -> None:
        self._weight_of = weight_of
        self._key_of: dict[T, Hashable] = {}  # of every task that waits
        self._tasks: dict[Hashable, dict[T, None]] = {}  # of every key that waits, in their order
        self._virtual: dict[Hashable, float] = {}  # of keys that wait, or are ahead of the floor
        self._heap: list[tuple[float, int, Hashable]] = []  # one valid entry for each key that waits
        self._place: dict[Hashable, int] = {}  # which entry that is
        self._entries = 0
        self._floor = 0.0  # the least virtual time of those that waited at the last turn

    def push(self, task: T, key: Hashable, used_ns: int) -> None:
        if task in self._key_of:
            raise ValueError(f"{task!r} waits already")
        weight = self._weight_of(key)
        if not weight > 0:
            raise ValueError(f"the weight of {key!r} is {weight!r}, and has to be more than 0")
        self._virtual[key] = max(self._virtual.get(key, 0.0), self._floor) + used_ns / weight
        self._key_of[task] = key
        self._tasks.setdefault(key, {})[task] = None
        self._enter(key)

    def pop(self) -> T:
        while True:
            virtual, entry, key = heapq.heappop(self._heap)
            if self._place.get(key) == entry:
                break
        self._floor = max(self._floor, virtual)
        task = next(iter(self._tasks[key]))
        if self.discard(task) and key in self._tasks:
            self._enter(key)
        return task

    def discard(self, task: T) -> bool:
        if task not in self._key_of:
            return False
        key = self._key_of.pop(task)
        del self._tasks[key][task]
        if not self._tasks[key]:
            del self._tasks[key], self._place[key]
            self._forget()
        return True

    def __len__(self) -> int:
        return len(self._key_of)

    def _enter(self, key: Hashable) -> None:
        """Give the key its place in the order, instead of the one that it may have."""
        self._entries += 1
        self._place[key] = self._entries
        heapq.heappush(self._heap, (self._virtual[key], self._entries, key))

    def _forget(self) -> None:
        """Forget, now and then, invalid entries, and keys that wait no more and are not ahead."""
        if len(self._heap) > 2 * len(self._place) + 64:
            self._heap = [each for each in self._heap if self._place.get(each[2]) == each[1]]
            heapq.heapify(self._heap)
        if len(self._virtual) > 2 * len(self._tasks) + 64:
            self._virtual = {
                key: virtual
                for key, virtual in self._virtual.items()
                if key in self._tasks or virtual > self._floor
            }
