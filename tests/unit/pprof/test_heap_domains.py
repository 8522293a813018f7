"""Every way to get and give back memory, in each of Python's domains, to the byte."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator

import pytest

from clearway.pprof import heap, lookup
from tests.unit.pprof.allocator import DOMAINS, Domain, without_the_gil

TOO_MUCH = 1 << 62
SIZES = [1, 16, 512, 513, 4096, 1_000_000]


@pytest.fixture(autouse=True)
def every_allocation() -> Iterator[None]:
    heap.start(period_bytes=1)
    yield
    heap.stop()


@pytest.fixture(params=DOMAINS)
def domain(request: pytest.FixtureRequest) -> Domain:
    return Domain(DOMAINS[request.param])


def in_use(function: str = "taken") -> tuple[int, int]:
    """Return objects and bytes in use that `function` asked for itself."""
    heap.stop()  # looking takes memory too
    found = [
        sample.values[2:]
        for sample in lookup("heap").snapshot().samples
        if sample.stack[0].function.endswith(function)
    ]
    heap.start(period_bytes=1)
    return sum(each[0] for each in found), sum(each[1] for each in found)


@pytest.mark.parametrize("size", SIZES)
def test_a_block_counts_from_its_allocation_to_its_free(domain: Domain, size: int) -> None:
    def taken() -> int | None:
        return domain.malloc(size)

    before = in_use()
    block = taken()
    during = in_use()
    domain.free(block)

    assert during[1] - before[1] - size in range(200)  # ctypes keeps a number or two of its own
    assert in_use()[1] - before[1] < 200


@pytest.mark.parametrize("size", SIZES)
def test_zeroed_blocks_count_and_are_zero(domain: Domain, size: int) -> None:
    def taken() -> int | None:
        return domain.calloc(size, 3)

    before = in_use()
    block = taken()
    during = in_use()
    assert block is not None
    assert not any(ctypes.string_at(block, min(3 * size, 4096)))
    domain.free(block)

    assert during[1] - before[1] - 3 * size in range(200)


@pytest.mark.parametrize(("old", "new"), [(16, 100), (100, 5000), (5000, 100), (5000, 100_000), (600, 8)])
def test_a_block_of_another_size_counts_with_its_new_size(domain: Domain, old: int, new: int) -> None:
    def taken() -> int | None:
        return domain.realloc(domain.malloc(old), new)

    before = in_use()
    block = taken()
    during = in_use()
    domain.free(block)

    assert during[1] - before[1] - new in range(300)
    assert in_use()[1] - before[1] < 200


def test_a_realloc_of_nothing_is_an_allocation(domain: Domain) -> None:
    def taken() -> int | None:
        return domain.realloc(None, 5000)

    before = in_use()
    block = taken()

    assert in_use()[1] - before[1] - 5000 in range(200)
    domain.free(block)


def test_a_failed_realloc_leaves_the_block_as_it_was(domain: Domain) -> None:
    def taken() -> int | None:
        return domain.malloc(5000)

    before = in_use()
    block = taken()
    assert domain.realloc(block, TOO_MUCH) is None
    during = in_use()
    domain.free(block)

    assert during[1] - before[1] - 5000 in range(200)
    assert in_use()[1] - before[1] < 200


def test_what_could_not_be_allocated_is_no_sample(domain: Domain) -> None:
    for _ in range(5):
        assert domain.malloc(TOO_MUCH) is None
        assert domain.calloc(TOO_MUCH // 8, 8) is None

    assert heap.statistics().lost_samples == 0
    assert max(sample.values[1] for sample in lookup("heap").snapshot().samples) < TOO_MUCH / 2


def test_blocks_of_no_bytes_count_as_one_byte(domain: Domain) -> None:
    before = heap.statistics().live_samples
    blocks = [domain.malloc(0) for _ in range(50)] + [domain.calloc(0, 8) for _ in range(50)]
    during = heap.statistics().live_samples
    for block in blocks:
        domain.free(block)
    del blocks, block

    assert during - before in range(200, 350)  # each has a Python number, too
    assert heap.statistics().live_samples - before < 50


def test_freeing_nothing_is_nothing(domain: Domain) -> None:
    domain.free(None)


@pytest.mark.slow
def test_threads_without_the_gil_take_and_free_raw_memory_at_once() -> None:
    raw = without_the_gil()

    def churn() -> None:
        held: list[int | None] = []
        for number in range(3000):
            held.append(raw.malloc(16 + number % 700))
            if number % 3 == 0:
                held.append(raw.realloc(held.pop(0), 900))
            if len(held) > 50:
                raw.free(held.pop(0))
        for block in held:
            raw.free(block)

    before = heap.statistics()
    threads = [threading.Thread(target=churn) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = heap.statistics()

    assert after.samples - before.samples >= 6 * 4000
    assert after.live_samples - before.live_samples < 500
