"""What a collector of moments records over a time: the difference of two of them."""

from __future__ import annotations

from collections.abc import Callable

from clearway.pprof.arithmetic import difference
from clearway.pprof.profile import Profile

__all__ = ["Between"]


class Between:
    """Record what was added between now and `end`, for a collector that has snapshots (a `Recording`).

    Options:
        snapshot: Returns what there is.
        difference: Takes two of them from each other, the later one first.
    """

    def __init__(
        self,
        snapshot: Callable[[], Profile],
        difference: Callable[[Profile, Profile], Profile] = difference,
    ) -> None:
        self._snapshot = snapshot
        self._difference = difference
        self._before: Profile | None = snapshot()

    def end(self) -> Profile:
        """Return the difference between now and then."""
        before, self._before = self._before, None
        after = self._snapshot()
        return after if before is None else self._difference(after, before)

    def cancel(self) -> None:
        """Forget what there was."""
        self._before = None
