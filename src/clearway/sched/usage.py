"""What tasks used of the processor, and how long they waited for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

__all__ = ["DELAY_BOUNDS_US", "Ledger", "Usage"]

DELAY_BOUNDS_US = tuple(1 << power for power in range(6, 24))
"""Upper bounds of the run-queue delay's histogram, in microseconds: 64 us to 8 s, doubling."""

_MOST = 4096


@dataclass(slots=True)
class Usage:
    """What the tasks of one key used.

    Attributes:
        cpu_ns: Time on the loop's thread.
        slices: Times that they were given the thread.
        preemptions: Times that it was taken from them.
        finished: Tasks that ended.
        delays: Run-queue delays, counted by `DELAY_BOUNDS_US`; the last one is for all above.
        longest_ns, longest_at: The longest time that could not be interrupted, and where.
    """

    cpu_ns: int = 0
    slices: int = 0
    preemptions: int = 0
    finished: int = 0
    delays: list[int] = field(default_factory=lambda: [0] * (len(DELAY_BOUNDS_US) + 1))
    longest_ns: int = 0
    longest_at: str = ""

    def delayed(self, ns: int) -> None:
        """Count a wait in the run queue."""
        # 64 us is 2 ** 6: the number of bits of the microseconds tells the bucket.
        power = (ns // 1000).bit_length() - 6
        self.delays[min(max(power, 0), len(DELAY_BOUNDS_US))] += 1

    def held(self, ns: int, where: str) -> None:
        """Note a time that could not be interrupted, if it is the longest so far."""
        if ns > self.longest_ns:
            self.longest_ns, self.longest_at = ns, where

    def add(self, other: Usage) -> None:
        """Add what somebody else used."""
        self.cpu_ns += other.cpu_ns
        self.slices += other.slices
        self.preemptions += other.preemptions
        self.finished += other.finished
        self.delays = [mine + theirs for mine, theirs in zip(self.delays, other.delays, strict=True)]
        self.held(other.longest_ns, other.longest_at)


class Ledger:
    """Usage by key, for a bounded number of keys: what comes after those is kept together as None."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._usage: dict[Hashable, Usage] = {}

    def of(self, key: Hashable) -> Usage:
        """Return the account of `key`."""
        usage = self._usage.get(key)
        if usage is None:
            if len(self._usage) >= self._most:
                key = None
            usage = self._usage.setdefault(key, Usage())
        return usage

    def snapshot(self) -> dict[Hashable, Usage]:
        """Return the accounts by key."""
        return dict(self._usage)
