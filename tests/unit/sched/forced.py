"""A scheduler whose ticks the test makes itself: every slice is over at once, and nothing happens by time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import uvloop

from clearway.sched.coroutine import PreemptibleCoroutine
from clearway.sched.lane import Lane
from clearway.sched.runqueue import RunQueue
from clearway.sched.safepoint import SafePoints
from clearway.sched.slicer import Slicer
from clearway.sched.usage import Ledger

T = TypeVar("T")
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class Forced:
    """What a `Scheduler` is made of, with a clock that only counts and no signal."""

    def __init__(self, *modules: str) -> None:
        self.queue = RunQueue[PreemptibleCoroutine[Any]]()
        self.lane = Lane(asyncio.get_running_loop(), self.queue)
        self.ledger = Ledger()
        count = itertools.count().__next__
        self.slicer = Slicer(
            SafePoints(modules), 0, self.lane, self.ledger, count, count, lambda: "everybody"
        )

    def preemptible(self, coroutine: Coroutine[Any, Any, T], **options: Any) -> PreemptibleCoroutine[T]:
        return PreemptibleCoroutine(coroutine, self.slicer, **options)

    def spawn(self, coroutine: Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:
        return asyncio.ensure_future(self.preemptible(coroutine, **options))

    def tick(self) -> None:
        """Interrupt whoever calls this, if the place is safe."""
        self.slicer.on_tick(frame=sys._getframe(1))

    @property
    def preemptions(self) -> int:
        return sum(usage.preemptions for usage in self.ledger.snapshot().values())


@contextlib.contextmanager
def loop_of(kind: str) -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=LOOPS[kind]) as runner:
        yield runner
