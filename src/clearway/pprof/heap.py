# What is sampled, and how, stands in _native/heap.h.
"""`heap` and `allocs`: what holds memory, and who asked for it."""

from __future__ import annotations

import os
import random
from functools import cache
from typing import NamedTuple

from clearway.clock import Clock, wall
from clearway.pprof import _sampler
from clearway.pprof.arithmetic import difference, spanned
from clearway.pprof.errors import BadParameterError, UnavailableError
from clearway.pprof.memory import read_memory
from clearway.pprof.profile import Profile, ValueType
from clearway.pprof.recording import Between
from clearway.pprof.sampled import HeapSamples
from clearway.pprof.text import render

__all__ = ["PERIOD_BYTES", "Allocs", "Heap", "HeapStatistics", "start", "statistics", "stop"]

PERIOD_BYTES = 512 * 1024
"""The mean distance of two samples, in allocated bytes: Go's `runtime.MemProfileRate`."""

_TYPES = (
    ValueType("alloc_objects", "count"),
    ValueType("alloc_space", "bytes"),
    ValueType("inuse_objects", "count"),
    ValueType("inuse_space", "bytes"),
)


class HeapStatistics(NamedTuple):
    """What the heap sampler has done and holds.

    Attributes:
        period_bytes: 0 while it is stopped.
        samples: Taken since it began, or since this process was forked.
        live_samples: Blocks that were sampled and not yet freed.
        lost_samples: There was no memory to keep them; they are shown as `<lost samples>`.
        memory_bytes: What the sampler itself takes.
    """

    period_bytes: int
    samples: int
    live_samples: int
    lost_samples: int
    memory_bytes: int


def start(period_bytes: int = PERIOD_BYTES, *, seed: int | None = None) -> None:
    """Sample the heap from now on, or change the period if it is sampled already.

        from clearway.pprof import heap, lookup

        heap.start()
        print(lookup("heap").text(lookup("heap").snapshot(), debug=1))

    Options:
        period_bytes: Mean distance of two samples; 1 records every allocation.
        seed: Makes a run of one thread repeatable.

    Blocks that were allocated before are not seen, nor is what bypasses Python's allocators: the data of
    NumPy arrays, of Arrow, of OpenSSL. The profile's comments say how much that may be (`native`).
    Raises `BadParameterError` for a period below 1, `UnavailableError` while the interpreter shuts down.
    """
    if not 1 <= period_bytes <= 1 << 40:
        raise BadParameterError(f"a sampling period is 1 byte to 1 TiB, not {period_bytes}")
    _held_before()
    try:
        _sampler.heap_start(period_bytes, random.getrandbits(64) if seed is None else seed)
    except RuntimeError as error:
        raise UnavailableError(f"the heap is not sampled: {error}") from error


@cache
def _held_before() -> int:
    """Return what the process held when this was first called, at the start or in the child of a fork."""
    return read_memory().native


os.register_at_fork(after_in_child=_held_before.cache_clear)


def stop() -> None:
    """Take no further samples; what was sampled stays, and is still seen when it is freed."""
    _sampler.heap_stop()


def statistics() -> HeapStatistics:
    """Return what the sampler has done and holds."""
    heap, tables = _sampler.heap_statistics(), _sampler.heap_tables.statistics()
    return HeapStatistics(
        int(heap["period"]),
        int(heap["samples"]),
        int(heap["live_samples"]),
        int(heap["lost_samples"]),
        int(heap["memory"]) + tables["bytes"],
    )


class Heap:
    """The `heap` profile: what is alive, by who allocated it. Costs a copy of the sampler's buckets."""

    name = "heap"
    description = "Memory that is held, sampled, by where it was allocated"
    seconds: float | None = None
    default_sample_type = "inuse_space"

    def __init__(self, clock: Clock = wall) -> None:
        self._clock = clock

    def snapshot(self) -> Profile:
        """Return what is alive and what was allocated; raise `UnavailableError` before `start`."""
        counted = _sampler.heap_statistics()
        if not counted["period"] and not counted["samples"]:
            raise UnavailableError("the heap is not sampled", hint="call clearway.pprof.heap.start() first")
        # The tables come after what refers to them: they only grow.
        buckets = _sampler.heap_buckets()
        tables = _sampler.heap_tables.copy()
        lost = int(counted["lost_samples"])
        comments = [str(read_memory(round(counted["live_bytes"]), _held_before()))]
        if not counted["in_place"]:
            comments.append(
                "nothing is seen since something took the sampler's hooks off, as tracemalloc.stop() does: "
                "clearway.pprof.heap.start() begins anew"
            )
        if lost:
            comments.append(f"{lost} samples were lost: no memory to keep them")
        unlabelled = tables.statistics()["labels_overflowed"]
        if unlabelled:
            comments.append(f"{unlabelled} samples have no labels: there were too many different sets")
        return Profile(
            sample_types=_TYPES,
            samples=HeapSamples(buckets, tables, (lost, int(counted["lost_bytes"]))),
            period_type=ValueType("space", "bytes"),
            period=int(counted["period"]),
            time_ns=int(self._clock() * 1e9),
            default_sample_type=self.default_sample_type,
            comments=tuple(comments),
        )

    def count(self) -> int:
        """Return how many samples are alive, for the index page."""
        return int(_sampler.heap_statistics()["live_samples"])

    def begin(self) -> Between:
        """Record what is added from now on."""
        return Between(self.snapshot, _added)

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people."""
        return render(profile, debug)


class Allocs(Heap):
    """The `allocs` profile: the same samples, with all that was ever allocated shown first."""

    name = "allocs"
    description = "All memory that was ever allocated, sampled, the freed included"
    default_sample_type = "alloc_space"

    def count(self) -> int:
        """Return how many samples were taken, for the index page."""
        return int(_sampler.heap_statistics()["samples"])


def _added(after: Profile, before: Profile) -> Profile:
    """Return the difference, by the sampler's own numbers where both have the same."""
    now, then = after.samples, before.samples
    if isinstance(now, HeapSamples) and isinstance(then, HeapSamples):
        added = now.since(then)
        if added is not None:
            return spanned(after, before, added)
    return difference(after, before)
