# When to fetch keys again.
#
# Rule 1: this file decides and does nothing: it is given `now` and returns dates.
# Rule 2: a stranger can make us fetch (by naming a kid that does not exist), but not more often than once per
#         cool-down. The publisher's failures cost retries that come ever more slowly.
"""When to fetch keys again."""

from __future__ import annotations

import math

__all__ = ["RefreshSchedule"]

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0


class RefreshSchedule:
    """Decides when the next fetch of keys is due.

        schedule = RefreshSchedule(refresh_s=300, cooldown_s=30)
        schedule.due                    # -inf: at once
        schedule.begin(now)             # an attempt starts
        schedule.succeed(now)           # due = now + 300
        schedule.fail(now)              # due = now + 1, then 2, 4, ... 60
        schedule.want(now)              # an unknown kid: due as soon as the cool-down allows

    Options:
        refresh_s: Seconds between two fetches that succeed.
        cooldown_s: Seconds that must lie between the start of one fetch and one that an unknown kid asks for.

    Attributes:
        due: When the next attempt should start.
    """

    __slots__ = ("_began", "_cooldown_s", "_failures", "_refresh_s", "due")

    def __init__(self, refresh_s: float, cooldown_s: float) -> None:
        self._refresh_s = refresh_s
        self._cooldown_s = cooldown_s
        self._began = -math.inf
        self._failures = 0
        self.due = -math.inf

    def begin(self, now: float) -> None:
        """Note that an attempt starts."""
        self._began = now
        self.due = math.inf

    def succeed(self, now: float) -> None:
        """Note that the attempt brought keys."""
        self._failures = 0
        self.due = now + self._refresh_s

    def fail(self, now: float) -> None:
        """Note that the attempt brought nothing."""
        backoff = FIRST_RETRY_S * 2.0 ** min(self._failures, 10)
        self._failures += 1
        self.due = now + min(backoff, LAST_RETRY_S, self._refresh_s)

    def want(self, now: float) -> bool:
        """Note that fresh keys would help; tell whether the next attempt is due earlier for it."""
        earliest = max(now, self._began + self._cooldown_s)
        if earliest >= self.due:
            return False
        self.due = earliest
        return True
