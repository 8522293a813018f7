"""Beside others who have their hands on Python's memory, and where there is little of it."""

from __future__ import annotations

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

BODY = """
import sys, threading
from clearway.pprof import heap, labels, lookup
from clearway.pprof.cpu import Cpu

def holder():
    return [bytes(4000) for _ in range(500)] + [object() for _ in range(500)]

def grown():
    block = bytearray()
    for _ in range(100): block += bytes(1000)
    return block

def in_use(name):
    samples = lookup("heap").snapshot().samples
    return sum(s.values[3] for s in samples if any(f.function == name for f in s.stack))

def seen():
    before = in_use("holder")
    held, block = holder(), grown()
    during = in_use("holder") - before, in_use("grown")
    del held, block
    after = in_use("holder") - before, in_use("grown")
    return 2_000_000 < during[0] < 2_100_000 and 100_000 < during[1] < 130_000 and max(after) < 10_000

heap.start(period_bytes=1)
cpu = Cpu(hz=1000).begin()
"""


@pytest.mark.parametrize("allocator", ["", "debug", "malloc", "malloc_debug", "pymalloc", "pymalloc_debug"])
def test_the_numbers_are_the_same_above_every_allocator(allocator: str) -> None:
    assert said(BODY + "print(seen())", PYTHONMALLOC=allocator) == ["True"]


@pytest.mark.parametrize("options", [["-X", "dev"], ["-X", "tracemalloc=5"], ["-X", "faulthandler"], ["-O"]])
def test_the_numbers_are_the_same_under_each_mode(options: list[str]) -> None:
    assert said(BODY + "print(seen())", *options) == ["True"]


def test_tracemalloc_may_come_and_go_above_us() -> None:
    lines = said(
        BODY
        + """
import tracemalloc
before = holder()
tracemalloc.start()
print(seen())
held = holder()
tracemalloc.stop()
print(seen())
del held, before
print(in_use("holder") < 10_000)
"""
    )

    assert lines == ["True"] * 3


def test_tracemalloc_that_goes_from_below_takes_our_hooks_with_it_and_this_is_told_and_mended() -> None:
    lines = said(
        "import tracemalloc; tracemalloc.start()\n"
        + BODY
        + """
print(seen())
held = holder()
tracemalloc.stop()
print(any("tracemalloc" in each for each in lookup("heap").snapshot().comments))
del held
heap.start(period_bytes=1)
print(any("tracemalloc" in each for each in lookup("heap").snapshot().comments))
print(seen())
"""
    )

    assert lines == ["True", "True", "False", "True"]


def test_little_memory_loses_samples_and_nothing_else() -> None:
    lines = said(
        BODY
        + """
import resource
mapped = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (mapped + (48 << 20), -1))
failed = 0
for turn in range(20):
    held = []
    try:
        with labels(turn=turn):
            while True: held.append([bytes(10_000)])
    except MemoryError:
        failed += 1
    held.clear()
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
print(failed, seen())
"""
    )

    assert lines == ["20 True"]


def test_a_thousand_and_more_threads_are_sampled_and_come_to_an_end() -> None:
    lines = said(
        BODY
        + """
import time
from clearway.pprof.cpu import Wall
heap.start(period_bytes=10_000)
threading.stack_size(64 << 10)
def work():
    gate.wait()
    sum(range(2000))
gate = threading.Event()
wall = Wall().begin()
threads = []
try:
    for _ in range(5000):
        threads.append(threading.Thread(target=work)); threads[-1].start()
except RuntimeError:
    threads.pop()  # the machine allows no more
time.sleep(0.3)
gate.set()
for thread in threads: thread.join()
profile = wall.end()
waits = [s for s in profile.samples if any(f.function == "Event.wait" for f in s.stack)]
waited = {label.value for s in waits for label in s.labels}
print(len(threads) > 1000, len(waited) > 0.9 * len(threads), len(cpu.end().comments))
"""
    )

    assert lines == ["True True 0"]


def test_a_subinterpreter_is_refused_or_does_no_harm() -> None:
    lines = said(
        BODY
        + """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
run = getattr(interpreters, "run_string")
other = interpreters.create()
run(other, "held = [bytes(1000) for _ in range(1000)]")
try:
    run(other, "import clearway.pprof._sampler")
except Exception as error:  # 3.12 and later
    assert "_sampler" in str(error)
interpreters.destroy(other)
print(seen())
"""
    )

    assert lines == ["True"]
