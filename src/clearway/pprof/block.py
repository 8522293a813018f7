# What is watched stands in patches.py, how it is sampled in contention.py.
"""`block`: where tasks and threads wait for locks, queues, conditions and events."""

from __future__ import annotations

from clearway.clock import Clock, wall
from clearway.pprof.contention import WATCH
from clearway.pprof.errors import BadParameterError
from clearway.pprof.patches import install, remove
from clearway.pprof.profile import Profile
from clearway.pprof.recording import Between
from clearway.pprof.text import render

__all__ = ["Block", "set_block_rate", "set_mutex_fraction"]


def set_block_rate(rate_ns: int) -> None:
    """Sample waits from now on, one in so many nanoseconds of waiting, for `block`; 0 ends it.

        from clearway.pprof import block

        block.set_block_rate(10_000)

    1 takes every wait. What was sampled stays. It imports asyncio.
    Raises `BadParameterError` for a negative rate.
    """
    _set("block_rate", rate_ns)


def set_mutex_fraction(fraction: int) -> None:
    """Sample one in so many contended releases of locks from now on, for `mutex`; 0 ends it.

    1 takes every one. What was sampled stays. It imports asyncio.
    Raises `BadParameterError` for a negative number.
    """
    _set("mutex_fraction", fraction)


def _set(name: str, value: int) -> None:
    if value < 0:
        raise BadParameterError(f"{name} is 0 or more, not {value}")
    setattr(WATCH, name, value)
    if WATCH.block_rate or WATCH.mutex_fraction:
        install()
    else:
        remove()


class Block:
    """The `block` profile: how often and how long was waited, by where, since it was switched on.

        block.set_block_rate(10_000)
        ...
        profile = lookup("block").snapshot()

    Each wait is told at the line that waited, when it is over.
    """

    name = "block"
    description = "Time that was waited for locks, queues, conditions and events, sampled, by who waited"
    seconds: float | None = None
    hint = "block is off: call clearway.pprof.block.set_block_rate(10_000)"

    def __init__(self, clock: Clock = wall) -> None:
        self._clock = clock

    def snapshot(self) -> Profile:
        """Return all waits so far; none, and a comment that says so, while it is off."""
        return WATCH.block.profile(() if WATCH.block_rate else (self.hint,), self._clock)

    def begin(self) -> Between:
        """Record the waits from now on."""
        return Between(self.snapshot)

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people."""
        return render(profile, debug)
