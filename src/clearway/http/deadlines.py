# Timeouts for many connections at the price of one timer.
#
# A timer per request costs two heap operations and a libuv timer, about 2 us of the 20 us that a proxied
# request has. Timeouts are rarely hit and need no precision, so each connection keeps a `deadline` in a slot
# and one timer looks at them all a few times per second: 10,000 idle connections cost 0.2 % of a core.
"""Coarse timeouts: one timer for all connections."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Protocol

from clearway.clock import Clock, monotonic
from clearway.http.outbox import Outbox

__all__ = ["NEVER", "Deadlines", "Expiring"]

NEVER = math.inf

log = logging.getLogger("clearway.http")


class Expiring(Protocol):
    """Something with a deadline."""

    deadline: float

    def expired(self) -> None:
        """Act on the deadline; the next sweep calls again unless it was moved."""


class Deadlines:
    """Call `expired()` on members whose `deadline` has passed.

        deadlines = Deadlines(tick_s=0.25)
        deadlines.add(connection)
        connection.deadline = deadlines.now + 30

    Connections that share a timer share a loop, and so the `outbox`, too.
    `now` is refreshed once per tick, so reading it is free and a deadline is late by up to two ticks, never
    early by more than one. A test calls `sweep(now)` itself.
    """

    def __init__(self, tick_s: float = 0.25, clock: Clock = monotonic) -> None:
        self.tick_s = tick_s
        self.now = clock()
        self.outbox = Outbox()
        self._clock = clock
        self._members: set[Expiring] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, member: Expiring) -> None:
        """Watch `member`."""
        self._members.add(member)
        if self._timer is None:
            self.now = self._clock()
            self._timer = asyncio.get_running_loop().call_later(self.tick_s, self._tick)

    def discard(self, member: Expiring) -> None:
        """Forget `member`; the timer ends with the last one."""
        self._members.discard(member)
        if not self._members and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def sweep(self, now: float) -> None:
        """Call `expired()` on every member whose deadline is not after `now`."""
        self.now = now
        for member in [each for each in self._members if each.deadline <= now]:
            # The one before may have ended this one, or given it time.
            if member.deadline <= now and member in self._members:
                try:
                    member.expired()
                except Exception:
                    log.exception("%r could not act on its deadline", member)

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.tick_s, self._tick)
        self.sweep(self._clock())

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"<Deadlines {len(self._members)} watched, {'on' if self._timer else 'off'}>"
