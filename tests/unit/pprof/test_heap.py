"""The heap sampler, recording every allocation: then its numbers are exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from clearway.pprof import BadParameterError, Profile, heap, labels, lookup

SIZE = 4000
HEADER = 33  # of a bytes object


@pytest.fixture(autouse=True)
def every_allocation() -> Iterator[None]:
    heap.start(period_bytes=1)
    yield
    heap.stop()


def kept(count: int) -> list[bytes]:
    return [bytes(SIZE) for _ in range(count)]


def totals(profile: Profile, function: str) -> dict[str, int]:
    """Return what the samples whose stack holds `function` add up to, for blocks of our size."""
    found = [
        sample.values
        for sample in profile.samples
        if any(function in frame.function for frame in sample.stack)
    ]
    return dict(
        zip([each.type for each in profile.sample_types], map(sum, zip(*found, strict=True)), strict=True)
    )


def recorded(work: Callable[[], object]) -> dict[str, int]:
    recording = lookup("heap").begin()
    holds = work()
    profile = recording.end()
    del holds
    return totals(profile, work.__name__)


def test_what_is_held_is_in_use() -> None:
    def holder() -> list[bytes]:
        return kept(100)

    found = recorded(holder)

    assert 100 * (SIZE + HEADER) <= found["inuse_space"] <= 100 * (SIZE + HEADER) + 2000
    assert 100 <= found["inuse_objects"] <= 110


def test_what_was_freed_is_allocated_and_not_in_use() -> None:
    def passing() -> None:
        kept(100)

    found = recorded(passing)

    assert found["alloc_space"] >= 100 * (SIZE + HEADER)
    assert found["inuse_space"] < 2000


def test_a_block_that_grows_is_counted_at_its_last_size() -> None:
    def growing() -> bytearray:
        block = bytearray()
        for _ in range(200):
            block += bytes(SIZE)
        return block

    found = recorded(growing)

    assert 200 * SIZE <= found["inuse_space"] <= 200 * SIZE * 9 / 8 + 2000  # bytearray grows by an eighth


def test_a_block_is_not_counted_once_more_by_the_allocator_that_hands_it_on() -> None:
    def large() -> bytes:
        return bytes(1_000_000)

    assert 1_000_000 <= recorded(large)["inuse_space"] < 1_010_000


def test_a_sample_has_the_labels_of_its_moment() -> None:
    recording = lookup("heap").begin()
    with labels(route="/orders", tenant="Gärtner & Söhne"):
        held = kept(10)
    profile = recording.end()

    labelled = [sample for sample in profile.samples if sample.labels and sample.values[0]]
    assert {tuple((each.key, each.value) for each in sample.labels) for sample in labelled} == {
        (("route", "/orders"), ("tenant", "Gärtner & Söhne"))
    }
    assert sum(sample.values[profile.index("inuse_space")] for sample in labelled) >= len(held) * SIZE


def test_a_stack_names_function_file_and_line() -> None:
    recording = lookup("heap").begin()
    held = bytes(SIZE)
    profile = recording.end()

    frames = [
        frame for sample in profile.samples for frame in sample.stack if "names_function" in frame.function
    ]
    code = test_a_stack_names_function_file_and_line.__code__
    assert len(held) == SIZE
    assert {(frame.function, frame.filename, frame.start_line) for frame in frames} == {
        (code.co_qualname, __file__, code.co_firstlineno)
    }
    assert code.co_firstlineno + 2 in {frame.line for frame in frames}


def test_a_deep_stack_keeps_its_leaf_and_says_that_it_is_cut() -> None:
    def deep(levels: int) -> bytes:
        return deep(levels - 1) if levels else leaf()

    def leaf() -> bytes:
        return bytes(SIZE)

    recording = lookup("heap").begin()
    held = deep(300)
    profile = recording.end()

    cut = [sample for sample in profile.samples if sample.stack[-1].function == "<truncated stack>"]
    assert len(held) == SIZE
    assert any(sample.stack[0].function.endswith("leaf") for sample in cut)
    assert {len(sample.stack) for sample in cut} == {128}


def test_generators_and_coroutines_are_part_of_the_stack() -> None:
    def generator() -> Iterator[bytes]:
        yield bytes(SIZE)

    async def coroutine() -> bytes:
        return next(generator())

    def driver() -> bytes:
        try:
            coroutine().send(None)
        except StopIteration as stop:
            return bytes(stop.value)
        raise AssertionError

    recording = lookup("heap").begin()
    held = driver()
    profile = recording.end()

    names = [[frame.function.rpartition(".")[2] for frame in sample.stack] for sample in profile.samples]
    assert len(held) == SIZE
    assert any(stack[:3] == ["generator", "coroutine", "driver"] for stack in names)


def test_code_that_is_gone_keeps_its_name() -> None:
    space: dict[str, Callable[[], bytes]] = {}
    recording = lookup("heap").begin()
    exec(compile("def vanished(): return bytes(4000)", "gone.py", "exec"), space)
    held = space["vanished"]()
    space.clear()
    profile = recording.end()

    assert len(held) == SIZE
    assert any(
        (frame.function, frame.filename, frame.line) == ("vanished", "gone.py", 1)
        for sample in profile.samples
        for frame in sample.stack
    )


def test_allocs_are_the_same_samples_with_another_default() -> None:
    assert lookup("allocs").snapshot().default_sample_type == "alloc_space"
    assert lookup("heap").snapshot().default_sample_type == "inuse_space"
    assert lookup("allocs").snapshot().sample_types == lookup("heap").snapshot().sample_types


def test_the_memory_that_python_does_not_see_is_told() -> None:
    comment = lookup("heap").snapshot().comments[0]

    assert comment.startswith("RSS ")
    assert "native" in comment


def test_nothing_is_sampled_after_stop_and_frees_are_still_seen() -> None:
    def holder() -> list[bytes]:
        return kept(50)

    before = lookup("heap").begin()
    held = holder()
    heap.stop()
    late = kept(50)
    taken = heap.statistics().samples
    live = heap.statistics().live_samples
    del held

    found = totals(before.end(), "holder")
    assert heap.statistics().samples == taken
    assert heap.statistics().live_samples <= live - 50
    assert found["inuse_space"] < 2000
    assert len(late) == 50


@pytest.mark.parametrize("period", [0, -1, 1 << 41])
def test_a_period_out_of_range_is_refused(period: int) -> None:
    with pytest.raises(BadParameterError, match="1 byte to 1 TiB"):
        heap.start(period_bytes=period)
