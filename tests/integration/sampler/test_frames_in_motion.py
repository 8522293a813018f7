"""A signal may come between any two stores of the interpreter: no pointer of its frames may be trusted.

CPython 3.11 and 3.12 make a C frame current before they write which Python frame is, and 3.11 frees a frame
before it leaves it. Programs that C calls back a lot spend much of their time there: sorting with a key, map.
"""

from __future__ import annotations

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

CALLED_BACK = """
import functools, sys, threading, time
from clearway.pprof.cpu import Cpu, Wall

def leaf(x): return x
def each(x): yield x
def deep(n): return sum(map(deeper, [n - 1])) if n else 0
def deeper(n): return deep(n)

def work():
    while time.monotonic() < end:
        sorted(DATA, key=leaf)
        list(map(leaf, DATA))
        functools.reduce(lambda a, b: leaf(b), DATA)
        deep(60)
        for i in DATA:
            for j in each(i):
                pass

DATA = list(range(500))
end = time.monotonic() + 4
cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
work()
for thread in threads: thread.join()
wall.end()
counts = {}
for sample in cpu.end().samples:
    root = sample.stack[-1].function
    counts[root] = counts.get(root, 0) + sample.values[0]
rooted = sum(counts.get(name, 0) for name in ("<module>", "Thread._bootstrap", "<truncated stack>"))
print(rooted, sum(counts.values()), counts)
"""


def test_code_that_c_calls_back_is_sampled_without_a_crash_and_to_its_root() -> None:
    rooted, all_of_them, *_ = said(CALLED_BACK)[0].split()

    assert int(all_of_them) > 200
    assert int(rooted) >= 0.97 * int(all_of_them)
