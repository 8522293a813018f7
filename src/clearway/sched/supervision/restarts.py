# OTP's words (Erlang/OTP, supervisor): a strategy says who is restarted when one child ends, intensity and
# period say how often that may happen before the supervisor gives up, because a fault that comes back at once
# is not mended by starting once more.
"""Who is restarted when a worker ends, and when to give up."""

from __future__ import annotations

from collections import deque
from enum import Enum

__all__ = ["Restarts", "Strategy"]


class Strategy(Enum):
    """Who is restarted with a worker that ended."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"

    def affected(self, ended: int, count: int) -> range:
        """Return the numbers of the workers to restart, of `count`, when number `ended` did."""
        if self is Strategy.ONE_FOR_ONE:
            return range(ended, ended + 1)
        return range(0 if self is Strategy.ONE_FOR_ALL else ended, count)


class Restarts:
    """Count restarts: more than `intensity` within `period_s` seconds are too many.

    restarts = Restarts(intensity=3, period_s=5.0)
    assert restarts.allow(now=0.0)
    """

    def __init__(self, intensity: int, period_s: float) -> None:
        self.intensity = intensity
        self.period_s = period_s
        self.total = 0
        self._recent: deque[float] = deque()

    def allow(self, now: float) -> bool:
        """Note a restart; tell whether there were not too many."""
        self.total += 1
        self._recent.append(now)
        while self._recent[0] <= now - self.period_s:
            self._recent.popleft()
        return len(self._recent) <= self.intensity
