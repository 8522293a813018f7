# The lane of those who were interrupted. One of them goes on at a time, and between two of them the loop
# turns a few times without any. What arrived during a slice is a chain: a connection is accepted in one
# turn, its request read in the next, its task begins in a third. All of that is done before the next slice
# begins, so a light request waits for the rest of one slice, however many compute without end. A turn takes
# some 20 us where a slice takes 10 ms.
"""Where interrupted coroutines wait, and how the event loop comes to them."""

from __future__ import annotations

import asyncio
from typing import Any

from clearway.sched.coroutine import PreemptibleCoroutine
from clearway.sched.runqueue import RunQueue

__all__ = ["Lane"]

_QUIET_TURNS = 3


class Lane:
    """Give interrupted coroutines of one event loop their turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop, queue: RunQueue[PreemptibleCoroutine[Any]]) -> None:
        self._loop = loop
        self._queue = queue
        self._is_due = False
        self._quiet_turns = 0  # still to come before the next one goes on

    def enter(self, coroutine: PreemptibleCoroutine[Any], used_ns: int) -> Any:
        """Let a coroutine wait; return the future of its turn, as a task wants it yielded."""
        self._queue.push(coroutine, coroutine.key, coroutine.priority, used_ns)
        turn = coroutine.turn = self._loop.create_future()
        turn._asyncio_future_blocking = True  # what `Future.__await__` sets, for the task to see
        self._come_back()
        return turn

    def leave(self, coroutine: PreemptibleCoroutine[Any]) -> None:
        """Take out a coroutine that waits no more."""
        self._queue.discard(coroutine)

    def __len__(self) -> int:
        return len(self._queue)

    def _come_back(self) -> None:
        if not self._is_due and len(self._queue):
            self._is_due = True
            self._quiet_turns = _QUIET_TURNS
            self._loop.call_soon(self._give_turn)

    def _give_turn(self) -> None:
        if self._quiet_turns:
            self._quiet_turns -= 1
            self._loop.call_soon(self._give_turn)
            return
        self._is_due = False
        coroutine = self._queue.pop()
        if coroutine is not None and coroutine.turn is not None and not coroutine.turn.done():
            coroutine.turn.set_result(None)
        self._come_back()
