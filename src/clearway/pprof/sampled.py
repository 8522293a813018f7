# Rule: a heap profile makes its samples one at a time, and keeps none.
#
# Tens of thousands of tuples made at once wake Python's cycle collector, which holds the GIL while it walks
# every object of the service: 50 to 100 ms (`python -m benchmarks.pprof --only answer`). A tuple that is gone
# before the next one is made wakes nobody. So a snapshot copies the sampler's tables as they are, and whoever
# reads the profile has its samples made on the way, and can give way between any two.
"""The samples of a heap profile, each made when it is read."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, overload

from clearway.pprof._sampler import Tables
from clearway.pprof.numbered import Numbered
from clearway.pprof.profile import Frame, Label, Sample

__all__ = ["HeapSamples"]

_BUCKET = struct.Struct("=IIdddd")
_LOST = (Frame("<lost samples>", "", 0),)
_Values: TypeAlias = tuple[int, int, int, int]


class HeapSamples(Sequence[Sample]):
    """Samples that are made anew each time they are read: hold on to those that you need.

    Options:
        buckets: The sampler's, one after the other. A later copy has the same ones at the same places.
        tables: What they refer to; a copy, so that the samples stay what they are.
        lost: How many samples there was no memory for, and what they stand for in bytes.
    """

    def __init__(self, buckets: bytes, tables: Tables, lost: tuple[int, int] = (0, 0)) -> None:
        self._buckets = buckets
        self._before = b""
        self._tables = tables
        self._lost = lost
        self._places: Sequence[int] = range(0, len(buckets), _BUCKET.size)
        self._process = os.getpid()

    def since(self, before: HeapSamples) -> HeapSamples | None:
        """Return what was added since `before`; None if that was in another process: a child begins anew."""
        if before._process != self._process:
            return None
        lost = (self._lost[0] - before._lost[0], self._lost[1] - before._lost[1])
        added = HeapSamples(self._buckets, self._tables, lost)
        now, then, size = self._buckets, before._buckets, _BUCKET.size
        added._before = then
        added._places = [at for at in self._places if now[at : at + size] != then[at : at + size]]
        return added

    def __len__(self) -> int:
        return len(self._places) + any(self._lost)

    def __iter__(self) -> Iterator[Sample]:
        numbered = Numbered(self._tables)
        for stack, labels, values in self._rows():
            yield Sample(numbered.stack(stack), values, numbered.labels(labels))
        if any(self._lost):
            yield Sample(_LOST, (*self._lost, 0, 0))

    def coded(self, code: Callable[[Frame], bytes]) -> Iterator[tuple[bytes, _Values, tuple[Label, ...]]]:
        """Yield stack, values and labels of each sample, its frames as `code` has them (see `Coded`)."""
        numbered = Numbered(self._tables)
        parts: list[bytes | None] = []
        for stack, labels, values in self._rows():
            yield numbered.joined(stack, parts, code), values, numbered.labels(labels)
        if any(self._lost):
            yield b"".join(map(code, _LOST)), (*self._lost, 0, 0), ()

    def _rows(self) -> Iterator[tuple[int, int, _Values]]:
        end = len(self._before)
        for at in self._places:
            row = stack, labels, values = _read(self._buckets, at)
            yield (stack, labels, _difference(values, _read(self._before, at)[2])) if at < end else row

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Sample, ...]: ...
    def __getitem__(self, place: int | slice) -> Sample | tuple[Sample, ...]:
        return tuple(self)[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | HeapSamples):
            return NotImplemented
        return tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as long as it takes to make them all

    def __repr__(self) -> str:
        return f"<HeapSamples of {len(self)} stacks>"


def _read(buckets: bytes, at: int) -> tuple[int, int, _Values]:
    stack, labels, all_objects, all_bytes, objects, held = _BUCKET.unpack_from(buckets, at)
    # What is alive is added up and taken off again in floating point, and may end a trifle below nothing.
    return stack, labels, (round(all_objects), round(all_bytes), max(round(objects), 0), max(round(held), 0))


def _difference(now: _Values, then: _Values) -> _Values:
    return now[0] - then[0], now[1] - then[1], now[2] - then[2], now[3] - then[3]
