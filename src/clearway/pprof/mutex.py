"""`mutex`: who let others wait for a lock."""

from __future__ import annotations

from clearway.pprof.block import Block
from clearway.pprof.contention import WATCH
from clearway.pprof.profile import Profile

__all__ = ["Mutex"]


class Mutex(Block):
    """The `mutex` profile: how long others waited for a lock, by who held it meanwhile.

        block.set_mutex_fraction(10)
        ...
        profile = lookup("mutex").snapshot()

    It is told at the line that gives the lock back, as in Go: that is the end of what should be shorter.
    """

    name = "mutex"
    description = "Time that others waited for locks, sampled, by who gave the lock back"
    hint = "mutex is off: call clearway.pprof.block.set_mutex_fraction(10)"

    def snapshot(self) -> Profile:
        """Return all waits so far; none, and a comment that says so, while it is off."""
        return WATCH.mutex.profile(() if WATCH.mutex_fraction else (self.hint,), self._clock)
