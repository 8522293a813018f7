# The generic cell rate algorithm: a token bucket that is one number.
#
# Rule 1: this file never reads a clock. `now_ns` is an argument, so a test owns time.
# Rule 2: time is whole nanoseconds. With floats, the sum of a hundred intervals is not a hundred intervals,
#         and the last token of a burst would be there or not by rounding.
#
# Theory of operation
# -------------------
# Each key has a theoretical arrival time: when its bucket will be full again. A request moves it one interval
# into the future, and is refused if that would put it more than `burst` intervals ahead of now. A key whose
# time has passed has a full bucket, which is what an unknown key has too: so a key may be forgotten `burst`
# intervals after its last request, and nothing has to be swept.
"""Token buckets for many keys (GCRA), in a table of bounded size."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from clearway.plug.plugs.parts.recent import Recent

__all__ = ["Buckets", "Level"]

SECOND_NS = 1_000_000_000


class Level(NamedTuple):
    """How full a bucket is.

    Attributes:
        tokens: Requests that would be let through at once.
        full_ns: Nanoseconds until the bucket is full.
    """

    tokens: int
    full_ns: int


class Buckets:
    """A bucket per key, which holds `burst` tokens and regains one every `interval_ns`.

        buckets = Buckets(interval_ns=10_000_000, burst=20, max_keys=1000)
        buckets.take("acme", now_ns)        # 0: let through; else the nanoseconds to wait

    A full table drops the keys that were seen least recently, whose buckets are then full again.

    Attributes:
        window_ns: How long an empty bucket takes to be full.
    """

    __slots__ = ("_full_at", "_turn_at", "burst", "interval_ns", "window_ns")

    def __init__(self, *, interval_ns: int, burst: int, max_keys: int) -> None:
        self.interval_ns = interval_ns
        self.burst = burst
        self.window_ns = interval_ns * burst
        self._full_at: Recent[Hashable, int] = Recent(max_keys)
        self._turn_at = 0

    def take(self, key: Hashable, now_ns: int) -> int:
        """Take a token of `key` and return 0, or return the nanoseconds until there is one."""
        if now_ns >= self._turn_at:
            self._turn(now_ns)
        full_at = self._full_at.get(key)
        if full_at is None or full_at < now_ns:
            full_at = now_ns
        full_at += self.interval_ns
        missing = full_at - now_ns - self.window_ns
        if missing > 0:
            return missing
        self._full_at.put(key, full_at)
        return 0

    def level(self, key: Hashable, now_ns: int) -> Level:
        """Return how full the bucket of `key` is."""
        full_ns = max((self._full_at.get(key) or 0) - now_ns, 0)
        return Level((self.window_ns - full_ns) // self.interval_ns, full_ns)

    @property
    def forgotten(self) -> int:
        """How many keys were dropped because the table was full."""
        return self._full_at.forgotten

    def _turn(self, now_ns: int) -> None:
        # A key that was not used since the last turn has had a window's time to fill its bucket.
        self._full_at.turn()
        self._turn_at = now_ns + max(self.window_ns, SECOND_NS)

    def __len__(self) -> int:
        return len(self._full_at)
