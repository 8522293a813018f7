"""The labels that a sample finds: the sampler reads the tree of context variables, however it has grown."""

from __future__ import annotations

import contextvars
import ctypes
import threading
from collections.abc import Iterator

import pytest

from clearway.pprof import Labels, heap, label, labels, lookup, set_labels, with_labels

SIZE = 7001


@pytest.fixture(autouse=True)
def every_allocation() -> Iterator[None]:
    heap.start(period_bytes=1)
    yield
    heap.stop()


def held() -> bytes:
    return bytes(SIZE)


def labels_of_held() -> list[dict[str, str]]:
    """Return the labels under which `held` holds something, once for each block."""
    heap.stop()
    found = [
        {each.key: each.value for each in sample.labels}
        for sample in lookup("heap").snapshot().samples
        if sample.stack[0].function == "held" and sample.values[3] >= SIZE
        for _ in range(sample.values[2])
    ]
    heap.start(period_bytes=1)
    return found


@pytest.mark.parametrize("others", [0, 1, 15, 16, 17, 33, 200, 3000])
def test_labels_are_found_among_any_number_of_variables(others: int) -> None:
    def inside() -> bytes:
        for number in range(others):
            contextvars.ContextVar(f"other {number}").set(number)
        set_labels(with_labels(Labels(()), among=others))
        return held()

    block = contextvars.Context().run(inside)

    assert {"among": str(others)} in labels_of_held()
    assert len(block) == SIZE


def test_labels_are_found_beside_a_variable_of_the_same_hash() -> None:
    def inside() -> bytes:
        other.set("other")
        set_labels(with_labels(Labels(()), beside="twin"))
        return held()

    other = contextvars.ContextVar[str]("other")
    where = hash_of(other)
    kept = where.value
    where.value = hash(label.CURRENT)
    block = contextvars.Context().run(inside)
    where.value = kept

    assert {"beside": "twin"} in labels_of_held()
    assert len(block) == SIZE


def hash_of(variable: contextvars.ContextVar[str]) -> ctypes.c_ssize_t:
    """Return the place where a variable keeps its hash."""
    wanted = hash(variable)
    for offset in range(16, 96, 8):
        place = ctypes.c_ssize_t.from_address(id(variable) + offset)
        if place.value == wanted:
            return place
    raise AssertionError


def test_each_context_inside_another_has_its_own() -> None:
    blocks = []

    def nested(depth: int) -> None:
        with labels(depth=depth):
            blocks.append(held())
            if depth:
                contextvars.copy_context().run(nested, depth - 1)
            blocks.append(held())

    contextvars.Context().run(nested, 20)

    found = [each["depth"] for each in labels_of_held() if "depth" in each]
    assert sorted(map(int, found)) == sorted([*range(21), *range(21)])


def test_each_thread_has_its_own() -> None:
    blocks = []

    def work(name: str) -> None:
        with labels(worker=name):
            blocks.extend(held() for _ in range(10))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [each["worker"] for each in labels_of_held() if "worker" in each]
    assert sorted(found) == sorted(str(number) for number in range(8) for _ in range(10))


def test_a_variable_that_was_reset_is_found_no_more() -> None:
    def inside() -> bytes:
        with labels(gone="yes"):
            pass
        return held()

    block = contextvars.Context().run(inside)

    assert {"gone": "yes"} not in labels_of_held()
    assert len(block) == SIZE


def test_a_zero_in_a_label_ends_it() -> None:
    with labels(cut="off\0here"):
        block = held()

    assert {"cut": "off"} in labels_of_held()
    assert len(block) == SIZE
