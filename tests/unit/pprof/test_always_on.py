"""What is collected all the time is switched on by its rates."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from clearway.pprof import always_on, heap, threadcreate
from clearway.pprof.always_on import Rates, switch_on


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    heap.stop()
    yield
    heap.stop()
    threadcreate.stop()


@pytest.mark.parametrize(
    ("period", "sampled"), [(None, heap.PERIOD_BYTES), (4096, 4096), (0, 0)], ids=["default", "given", "off"]
)
def test_the_heap_is_sampled_unless_it_is_told_not_to(period: int | None, sampled: int) -> None:
    switch_on(Rates(heap_period=period))

    assert heap.statistics().period_bytes == sampled


def test_what_cannot_be_collected_is_told_and_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"no C code for {name}")

    monkeypatch.setattr(always_on, "import_module", missing)
    with caplog.at_level(logging.WARNING):
        switch_on(Rates(block_rate=1))

    assert [record.getMessage() for record in caplog.records] == [
        "heap is not collected: no C code for clearway.pprof.heap",
        "threadcreate is not collected: no C code for clearway.pprof.threadcreate",
        "block is not collected: no C code for clearway.pprof.block",
    ]
