"""Time that was waited, by site: what `block` and `mutex` add up."""

from __future__ import annotations

import _thread
from typing import NamedTuple

from clearway.clock import Clock, wall
from clearway.pprof.label import current_labels
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.stacks import Lines, Spot

__all__ = ["MOST_SITES", "Delays", "Wait"]

MOST_SITES = 10_000
"""Different stacks and labels that are kept; further ones are one frame, `<lost samples>`."""

_TYPES = (ValueType("contentions", "count"), ValueType("delay", "nanoseconds"))
_LOST = (Frame("<lost samples>", "", 0),)

_Site = tuple[tuple[int, ...], tuple[tuple[str, str], ...]]


class _Total:
    __slots__ = ("ns", "spots", "times")

    def __init__(self, spots: list[Spot]) -> None:
        self.spots = spots  # they keep the codes, and so the ids in the key
        self.times = 0.0
        self.ns = 0.0


class Wait(NamedTuple):
    """What one sample stands for."""

    times: float
    ns: float


class Delays:
    """Adds waits up, for ever: readers take differences. Any thread may call it, and any finaliser."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._totals: dict[_Site, _Total] = {}
        self._lost = _Total([])
        self._lock = _thread.RLock()  # whoever replaces threading.RLock: not this one

    def add(self, spots: list[Spot], wait: Wait) -> None:
        """Add a wait at these spots, under the labels at hand."""
        key = (
            tuple(number for code, offset in spots for number in (id(code), offset)),
            current_labels().pairs,
        )
        with self._lock:
            total = self._totals.get(key)
            if total is None:
                total = self._lost if len(self._totals) >= MOST_SITES else _Total(spots)
                if total is not self._lost:
                    self._totals[key] = total
            total.times += wait.times
            total.ns += wait.ns

    def profile(self, comments: tuple[str, ...] = (), clock: Clock = wall) -> Profile:
        """Return all that was added up."""
        lines = Lines()
        with self._lock:
            rows = [
                (total.spots, labels, total.times, total.ns) for (_, labels), total in self._totals.items()
            ]
            lost = self._lost.times, self._lost.ns
        samples = [
            Sample(lines.stack(spots), (round(count), round(ns)), tuple(Label(*pair) for pair in labels))
            for spots, labels, count, ns in rows
        ]
        if lost[0]:
            samples.append(Sample(_LOST, (round(lost[0]), round(lost[1]))))
        return Profile(
            sample_types=_TYPES,
            samples=tuple(samples),
            period_type=_TYPES[0],
            period=1,
            time_ns=int(clock() * 1e9),
            default_sample_type="delay",
            comments=comments,
        )

    def begin_anew(self) -> None:
        """Forget everything, in the child of a fork, where no other thread holds the lock."""
        self._begin()
