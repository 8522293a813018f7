"""Sampling goes on to the last moment, and what is asked for after it is refused: no crash, whoever asks."""

from __future__ import annotations

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

ALL_ON = """
import atexit, sys, threading, time, weakref
from clearway.pprof import UnavailableError, heap, lookup
from clearway.pprof.cpu import Cpu, Wall
heap.start(period_bytes=1)
cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
"""


def test_a_program_may_end_while_everything_records() -> None:
    said(ALL_ON + "held = [bytes(100) for _ in range(10000)]\nsum(range(3_000_000))")


def test_a_callback_at_exit_still_takes_profiles() -> None:
    lines = said(
        """
        import atexit
        from clearway.pprof import heap, lookup
        from clearway.pprof.cpu import Cpu

        def last():
            held = [bytes(1000) for _ in range(100)]
            sum(range(5_000_000))
            in_use = sum(s.values[3] for s in lookup("heap").snapshot().samples)
            print(in_use >= 100_000, len(cpu.end().samples) > 0)

        atexit.register(last)
        heap.start(period_bytes=1)
        cpu = Cpu(hz=1000).begin()
        """
    )

    assert lines == ["True True"]


def test_daemon_threads_may_allocate_and_compute_to_the_end() -> None:
    for _ in range(5):
        said(
            ALL_ON
            + """
def forever():
    while True:
        [bytes(100) for _ in range(1000)]
for _ in range(6):
    threading.Thread(target=forever, daemon=True).start()
time.sleep(0.1)
"""
        )


def test_what_is_asked_for_during_finalization_is_refused() -> None:
    lines = said(
        """
        from clearway.pprof import UnavailableError, heap
        from clearway.pprof.cpu import Cpu, Wall

        class Last:
            begins = (heap.start, Cpu().begin, Wall().begin)
            def __del__(self, print=print, Unavailable=UnavailableError, statistics=heap.statistics):
                for begin in self.begins:
                    try:
                        begin()
                    except Unavailable as error:
                        print(error, flush=True)
                print(statistics().period_bytes, flush=True)

        heap.start()
        last = Last()  # goes with the module, after atexit
        """
    )

    assert len(lines) == 4
    assert all("shutting down" in line for line in lines[:3])
    assert lines[3] == "0"


def test_an_early_callback_at_exit_finds_the_sampler_closed() -> None:
    lines = said(
        """
        import atexit
        atexit.register(lambda: print(begun()))  # before the sampler is imported, so called after it closed
        from clearway.pprof import UnavailableError
        from clearway.pprof.cpu import Cpu

        def begun():
            try:
                return Cpu().begin()
            except UnavailableError as error:
                return error
        """
    )

    assert lines == ["threads cannot be sampled: the interpreter is shutting down"]


def test_a_program_that_is_interrupted_or_raises_ends_as_without_us() -> None:
    lines = said(
        ALL_ON
        + """
try:
    raise SystemExit(0)
finally:
    print("ended")
"""
    )

    assert lines == ["ended"]
