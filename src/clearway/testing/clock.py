"""A clock that stands still until a test moves it."""

from __future__ import annotations

__all__ = ["MockClock"]


class MockClock:
    """Tell the time that the test says it is.

        clock = MockClock()
        limit = RateLimit(rate=1, burst=1, clock=clock)
        clock.advance(60)

    It stands for `clearway.clock.monotonic` and for `clearway.clock.wall`: give a plug that takes both two of
    them, and let one jump where the other does not.

    Options:
        now: Seconds at the beginning.
    """

    __slots__ = ("now",)

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; raise `ValueError` for less than none."""
        if seconds < 0:
            raise ValueError("time does not go back; a wall clock that is set says clock.jump(...)")
        self.now += seconds

    def jump(self, now: float) -> None:
        """Set the clock to `now`, back or forth, as somebody does to a wall clock."""
        self.now = now

    def __repr__(self) -> str:
        return f"<MockClock {self.now}>"
