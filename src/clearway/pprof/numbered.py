"""From the sampler's numbers to frames and labels."""

from __future__ import annotations

from collections.abc import Callable

from clearway.pprof._sampler import Tables
from clearway.pprof.profile import Frame, Label

__all__ = ["Numbered"]

_NO_LABELS = 0xFFFFFFFF


class Numbered:
    """Read stacks and labels of one sampler's tables, each line and set once: for the time of one snapshot.

    A table only grows, until the process forks: numbers of the parent mean nothing in its child.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._frames: dict[int, Frame] = {}
        self._labels: dict[int, tuple[Label, ...]] = {_NO_LABELS: ()}

    def stack(self, number: int) -> tuple[Frame, ...]:
        """Return the frames of a stack, leaf first."""
        frames = self._frames
        locations = self._tables.stack(number)
        try:
            return tuple([frames[each] for each in locations])
        except KeyError:
            frames.update((each, Frame(*self._tables.location(each))) for each in locations)
            return tuple([frames[each] for each in locations])

    def joined(self, number: int, parts: list[bytes | None], code: Callable[[Frame], bytes]) -> bytes:
        """Return what `code` makes of each frame of a stack, joined; `parts` keeps it for each location."""
        joined = self._tables.joined(number, parts)
        if joined is not None:
            return joined
        locations = self._tables.stack(number)
        parts.extend([None] * (max(locations, default=-1) + 1 - len(parts)))
        for location, frame in zip(locations, self.stack(number), strict=True):
            if parts[location] is None:
                parts[location] = code(frame)
        return self._tables.joined(number, parts) or b""

    def labels(self, number: int) -> tuple[Label, ...]:
        """Return a set of labels."""
        if number not in self._labels:
            texts = iter(self._tables.labels(number))
            self._labels[number] = tuple(Label(key, value) for key, value in zip(texts, texts, strict=True))
        return self._labels[number]
