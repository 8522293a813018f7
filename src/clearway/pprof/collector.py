"""What a named profile is: the contract between collectors and those who serve them."""

from __future__ import annotations

from typing import Protocol

from clearway.pprof.profile import Profile

__all__ = ["Collector", "Recording"]


class Recording(Protocol):
    """A profile that is being recorded over a time."""

    def end(self) -> Profile:
        """Stop and return what was recorded since it began."""

    def cancel(self) -> None:
        """Stop and forget it: nobody waits for it any more. Harmless after `end`."""


class Collector(Protocol):
    """A named profile, as Go's runtime/pprof has them.

    A collector is made once per process, when it is first looked up. Every method may be called from any
    thread, while the event loop is blocked. One that can tell cheaply how much there is may have a method
    `count() -> int`, which the index page shows.

    Attributes:
        name: As in `/debug/pprof/NAME`.
        description: One sentence for the index page.
        seconds: How long it records by default, or None where a snapshot is the usual answer.
    """

    name: str
    description: str
    seconds: float | None

    def snapshot(self) -> Profile:
        """Return what is known now; raise `BadParameterError` where only a recording makes sense."""

    def begin(self) -> Recording:
        """Start recording; raise `ProfileInUseError` if only one recording can run and one does."""

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people: 1 is grouped, 2 is in full."""
