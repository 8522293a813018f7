"""The samples of a heap profile, with every allocation recorded: then its numbers are exact."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from clearway.pprof import Frame, Profile, heap, labels, lookup
from clearway.pprof.arithmetic import difference
from clearway.pprof.proto import decode, encode
from clearway.pprof.sampled import HeapSamples

DEPTH = 7
PATHS = 2**DEPTH
MANY = 11  # so deep that as many paths are more than the collector lets be made before it comes
SIZE = 100


@pytest.fixture(autouse=True)
def every_allocation() -> Iterator[None]:
    heap.start(period_bytes=1)
    yield
    heap.stop()


def left(path: int, depth: int) -> bytes:
    return (right if path & 1 else left)(path >> 1, depth - 1) if depth else bytes(SIZE)


def right(path: int, depth: int) -> bytes:
    return (right if path & 1 else left)(path >> 1, depth - 1) if depth else bytes(SIZE)


def held_by_many_stacks(depth: int = DEPTH) -> list[bytes]:
    return [left(path, depth) for path in range(2**depth)]


def snapshot() -> Profile:
    """Return a profile that no later allocation adds to."""
    profile = lookup("heap").snapshot()
    heap.stop()
    return profile


def collections() -> int:
    return sum(each["collections"] for each in gc.get_stats())


def test_samples_can_be_read_again_and_counted_and_taken_by_place() -> None:
    held = held_by_many_stacks()
    samples = snapshot().samples
    once = tuple(samples)

    assert len(samples) == len(once) >= len(held) == PATHS
    assert samples == once
    assert samples[0] == once[0]


@pytest.mark.slow
def test_reading_many_samples_never_wakes_the_cycle_collector() -> None:
    earlier = lookup("heap").snapshot().samples  # by other tests, with lines and labels of their own
    held = held_by_many_stacks(MANY)
    profile = snapshot()
    encode(profile)  # what is made once is made
    assert isinstance(earlier, HeapSamples)
    assert isinstance(profile.samples, HeapSamples)
    added = profile.samples.since(earlier) or ()
    gc.collect()

    before = collections()
    read = sum(1 for _ in added)
    assert collections() == before
    assert read >= len(held) == 2**MANY


def test_a_snapshot_stays_what_it_was() -> None:
    profile = snapshot()
    before = encode(profile)

    heap.start(period_bytes=1)
    with labels(route="/later"):
        held = held_by_many_stacks()
    heap.stop()
    assert encode(profile) == before
    assert len(held) == PATHS


def test_what_was_added_is_the_difference_of_two_snapshots() -> None:
    with labels(route="/early"):
        gone = held_by_many_stacks()
    before = lookup("heap").snapshot()
    recording = lookup("heap").begin()
    kept = bytes(7 * SIZE)
    del gone
    after = recording.end()
    heap.stop()

    assert isinstance(after.samples, HeapSamples)
    by_frames = difference(lookup("heap").snapshot(), before)
    place = after.index("inuse_space")
    assert min(sample.values[place] for sample in after.samples) < 0 < len(kept)
    known = {(sample.stack, sample.labels): sample.values for sample in by_frames.samples}
    early = [sample for sample in after.samples if sample.stack[0].function in ("left", "right")]
    assert len(early) == PATHS
    assert all(known[sample.stack, sample.labels] == sample.values for sample in early)


def test_what_another_process_numbered_is_told_apart_by_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = lookup("heap").begin()
    held = held_by_many_stacks()
    heap.stop()
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    profile = recording.end()

    assert isinstance(profile.samples, tuple)
    place = profile.index("inuse_objects")
    found = [sample for sample in profile.samples if sample.stack[DEPTH].function == "left"]
    assert sum(sample.values[place] for sample in found) == len(held)


def test_lost_samples_stand_at_the_end() -> None:
    profile = snapshot()
    samples = profile.samples
    assert isinstance(samples, HeapSamples)
    lost = HeapSamples(samples._buckets, samples._tables, (3, 4096))

    assert lost[-1].stack[0].function == "<lost samples>"
    assert lost[-1].values == (3, 4096, 0, 0)
    assert len(lost) == len(samples) + 1
    since = lost.since(HeapSamples(samples._buckets, samples._tables, (1, 96)))
    assert since is not None
    assert [sample.values for sample in since] == [(2, 4000, 0, 0)]


def test_a_profile_read_back_is_equal() -> None:
    profile = snapshot()

    assert decode(encode(profile)) == profile
    assert profile != decode(encode(lookup("wall").begin().end()))


def test_coded_samples_are_the_samples_that_reading_gives() -> None:
    with labels(route="/orders"):
        held = held_by_many_stacks()
    samples = snapshot().samples
    assert isinstance(samples, HeapSamples)
    asked: list[Frame] = []

    def code(frame: Frame) -> bytes:
        asked.append(frame)
        return f"{frame.function}:{frame.line};".encode()

    coded = list(samples.coded(code))
    read = [(b"".join(map(code, stack)), values, labelled) for stack, values, labelled in samples]

    assert coded == read
    assert len(coded) >= len(held)
    assert len(set(asked)) == len({frame for sample in samples for frame in sample.stack})


def test_a_frame_is_coded_once() -> None:
    held = held_by_many_stacks()
    samples = snapshot().samples
    assert isinstance(samples, HeapSamples)
    asked: list[Frame] = []
    for _ in samples.coded(lambda frame: asked.append(frame) or b"x"):
        pass

    assert len(asked) == len(set(asked)) > 0 < len(held)


def test_a_heap_profile_is_written_as_any_other() -> None:
    held = held_by_many_stacks()
    profile = snapshot()

    assert encode(profile) == encode(replace(profile, samples=tuple(profile.samples)))
    assert len(held) == PATHS
