"""A child starts clean and can record itself, whatever its parent was doing at the fork."""

from __future__ import annotations

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

# A child says what it sees in its exit code: 0 for well.
PROGRAM = """
import multiprocessing, os, sys, threading, time, warnings
from clearway.pprof import ProfileInUseError, heap, labels, lookup
from clearway.pprof.cpu import Cpu, Wall

warnings.simplefilter("ignore")  # of forking beside threads, which is the subject

def busy(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        [bytes(100) for _ in range(100)]

def records_itself():
    cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
    held = [bytes(1000) for _ in range(1000)]
    busy(0.1)
    spent = sum(s.values[1] for s in cpu.end().samples if any(f.function == "busy" for f in s.stack))
    passed = sum(s.values[1] for s in wall.end().samples)
    seen = sum(s.values[3] for s in lookup("heap").snapshot().samples)
    return 0.05e9 < spent < 0.15e9 and passed > 0.05e9 and seen > 500_000

def joined(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def test_a_child_has_no_samples_of_its_parent_and_takes_its_own() -> None:
    lines = said(
        PROGRAM
        + """
heap.start(period_bytes=1)
parents = [bytes(5000) for _ in range(1000)]
child = os.fork()
if child == 0:
    clean = sum(s.values[3] for s in lookup("heap").snapshot().samples) < 2_000_000
    os._exit(0 if clean and records_itself() else 1)
print(joined(child), sum(s.values[3] for s in lookup("heap").snapshot().samples) > 5_000_000)
"""
    )

    assert lines == ["0 True"]


def test_a_child_of_a_recording_parent_does_not_record_and_its_parent_goes_on() -> None:
    lines = said(
        PROGRAM
        + """
heap.start(period_bytes=1000)
cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
for _ in range(5):
    busy(0.05)
    child = os.fork()
    if child == 0:
        stopped = not cpu.is_running and not wall.is_running and not cpu.end().samples
        os._exit(0 if stopped and records_itself() else 1)
    print(joined(child))
print(sum(s.values[1] for s in cpu.end().samples) > 0.2e9, len(wall.end().samples) > 0)
"""
    )

    assert lines == ["0"] * 5 + ["True True"]


def test_threads_that_allocate_and_are_sampled_are_no_obstacle_to_a_fork() -> None:
    lines = said(
        PROGRAM
        + """
def churn():
    while not done:
        with labels(turn=len(kept) % 50):
            kept.append([bytearray(50 + n) for n in range(600)])
            del kept[:-20]

kept, done = [], False
heap.start(period_bytes=200)
cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
threads = [threading.Thread(target=churn) for _ in range(4)]
for thread in threads: thread.start()
codes = []
for _ in range(30):
    child = os.fork()
    if child == 0:
        done = True
        kept.clear()
        held = [bytes(100) for _ in range(1000)]
        os._exit(0 if len(list(lookup("heap").snapshot().samples)) > 0 else 1)
    codes.append(joined(child))
done = True
for thread in threads: thread.join()
cpu.end(), wall.end()
print(codes == [0] * 30)
"""
    )

    assert lines == ["True"]


def test_workers_of_multiprocessing_record_themselves() -> None:
    lines = said(
        PROGRAM
        + """
heap.start(period_bytes=1000)
cpu = Cpu(hz=1000).begin()
with multiprocessing.get_context("fork").Pool(3) as pool:
    print(pool.starmap(records_itself, [()] * 6))
cpu.cancel()
"""
    )

    assert lines == [str([True] * 6)]
