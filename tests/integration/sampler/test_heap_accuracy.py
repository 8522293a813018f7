"""What the heap sampler says of 64 MiB, against what is there.

The statistics. A block of s bytes is sampled with probability p = 1 - exp(-s / R) and then counts 1 / p
times, so the estimate of all bytes has the mean of the truth and the variance sum(s^2 (1 - p) / p): for small
blocks about R times the truth. One profile of 64 MiB at R = 512 KiB is thus off by 1 / sqrt(128), 9 %. The
mean of n profiles is off by a square root of n less: 2 % for 20. The seeds are fixed: a run is like another.
"""

from __future__ import annotations

import math
import statistics
import sys
import threading

import pytest

from clearway.pprof import heap, lookup

pytestmark = pytest.mark.slow

TOTAL = 64 << 20
SIZES = (40, 64, 100, 200, 450, 1000, 3000, 9000, 40_000)  # what is asked for each time, in turn
SEEDS = range(20)


def held() -> list[bytes]:
    found, size = [], 0
    for number in range(TOTAL):
        block = bytes(SIZES[number % len(SIZES)])
        found.append(block)
        size += sys.getsizeof(block)
        if size >= TOTAL:
            break
    return found


def estimated(seed: int) -> tuple[float, float]:
    """Return the bytes and objects that the profile sees, each as a share of the truth."""
    heap.start(seed=seed)
    before = seen()
    blocks = held()
    now = seen()
    true_bytes = sum(map(sys.getsizeof, blocks))
    return (now[1] - before[1]) / true_bytes, (now[0] - before[0]) / len(blocks)


def seen() -> tuple[int, int]:
    found = [
        sample.values
        for sample in lookup("heap").snapshot().samples
        if sample.stack[0].function == "held" and sample.values[2] and sample.values[3]
    ]
    return sum(each[2] for each in found), sum(each[3] for each in found)


def test_twenty_seeds_agree_with_the_truth_on_average() -> None:
    shares = [estimated(seed) for seed in SEEDS]
    heap.stop()

    of_bytes = [each[0] for each in shares]
    error = statistics.stdev(of_bytes) / math.sqrt(len(of_bytes))
    assert abs(statistics.mean(of_bytes) - 1) < 0.05, of_bytes
    assert abs(statistics.mean(of_bytes) - 1) < 4 * error, of_bytes  # unbiased, as far as 20 seeds can tell
    assert statistics.stdev(of_bytes) < 2 / math.sqrt(128)  # and no worse than the theory says


def test_a_small_period_sees_both_bytes_and_objects() -> None:
    heap.start(period_bytes=512, seed=1)
    before = seen()
    blocks = held()
    now = seen()
    heap.stop()

    assert abs((now[1] - before[1]) / sum(map(sys.getsizeof, blocks)) - 1) < 0.03
    assert abs((now[0] - before[0]) / len(blocks) - 1) < 0.05


def test_a_new_period_reaches_every_thread_soon() -> None:
    first, second = threading.Event(), threading.Event()
    blocks: list[bytes] = []

    def other() -> None:
        blocks.append(bytes(3 << 20))
        first.set()
        second.wait()
        blocks.extend(bytes(1000) for _ in range(5000))

    heap.start(period_bytes=1 << 40)
    thread = threading.Thread(target=other)
    thread.start()
    first.wait()
    heap.start(period_bytes=1000)
    taken = heap.statistics().samples
    second.set()
    thread.join()

    assert heap.statistics().samples - taken > 2000
    heap.stop()
