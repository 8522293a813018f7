"""A profile that a test holds in its hands, and pages that serve it."""

from __future__ import annotations

from clearway.pprof import (
    BadParameterError,
    Collector,
    Frame,
    Profile,
    ProfileInUseError,
    Sample,
    ValueType,
)
from clearway.pprof.web import Pages

__all__ = ["Beans", "Spill", "encoded", "pages_of"]

COUNT = ValueType("beans", "count")


def profile(count: int, duration_ns: int = 0) -> Profile:
    """Return a profile of so many beans."""
    stack = (Frame("pour", "bag.py", 7), Frame("main", "app.py", 1))
    return Profile((COUNT,), (Sample(stack, (count,)),), COUNT, 1, 0, duration_ns)


class Beans:
    """A collector that counts what is asked of it.

    Attributes:
        held: How many beans there are.
        begun, ended, cancelled: Recordings so far.
        broken: Raised by whatever is asked.
    """

    def __init__(self, name: str = "heap", seconds: float | None = None) -> None:
        self.name, self.seconds = name, seconds
        self.description = f"All {name} <there> are."
        self.held = 3
        self.begun = self.ended = self.cancelled = 0
        self.broken: Exception | None = None

    def snapshot(self) -> Profile:
        if self.broken is not None:
            raise self.broken
        return profile(self.held)

    def begin(self) -> Spill:
        if self.seconds is not None and self.begun > self.ended + self.cancelled:
            raise ProfileInUseError(f"{self.name} is being recorded", hint="wait until it ends")
        if self.broken is not None:
            raise self.broken
        self.begun += 1
        return Spill(self)

    def text(self, profile: Profile, debug: int) -> str:
        return f"{profile.samples[0].values[0]} beans at {debug}\n"

    def count(self) -> int:
        return self.held


class Spill:
    """A recording of `Beans`: how many were added."""

    def __init__(self, beans: Beans) -> None:
        self._beans, self._held = beans, beans.held

    def end(self) -> Profile:
        self._beans.ended += 1
        return profile(self._beans.held - self._held, duration_ns=1)

    def cancel(self) -> None:
        self._beans.cancelled += 1


def encoded(profile: Profile) -> bytes:
    """Stand for profile.proto."""
    return b"%d beans in proto" % profile.samples[0].values[0]


def pages_of(*collectors: Beans, most_collections: int = 16) -> Pages:
    """Return pages that serve `collectors` and nothing else."""
    by_name = {each.name: each for each in collectors}

    def lookup(name: str) -> Collector:
        name = {"goroutine": "tasks"}.get(name, name)
        if name not in by_name:
            raise BadParameterError(f"there is no profile {name!r}")
        return by_name[name]

    return Pages(
        lookup=lookup, names=lambda: sorted(by_name), encode=encoded, most_collections=most_collections
    )
