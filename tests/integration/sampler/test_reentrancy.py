"""Python code that runs where nobody called it: finalizers, callbacks of weak references and the collector,
signal handlers. All of it allocates, while all profiles are on, and most of it while something is freed."""

from __future__ import annotations

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, gc, signal, sys, threading, time, weakref
from clearway.pprof import heap, labels, lookup
from clearway.pprof.cpu import Cpu, Wall

counts = dict.fromkeys(("finalized", "forgotten", "collected", "alarmed"), 0)

def counted(name):
    counts[name] += 1
    with labels(by=name):
        return [bytes(n) for n in range(20)]

class Finalized:
    def __del__(self):
        counted("finalized")

def on_gc(phase, info):
    counted("collected")

heap.start(period_bytes=50)
cpu, wall = Cpu(hz=1000).begin(), Wall(hz=1000).begin()
"""


def test_code_that_nobody_called_may_allocate() -> None:
    lines = said(
        PROGRAM
        + """
gc.callbacks.append(on_gc)
gc.set_threshold(200)
signal.signal(signal.SIGALRM, lambda *_: counted("alarmed"))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
end = time.monotonic() + 2
while time.monotonic() < end:
    ring = Finalized()
    ring.self = ring
    watched = weakref.ref(ring, lambda _: counted("forgotten"))
    kept = {watched: 1}
    del ring
    gc.collect(0)
    Finalized()
signal.setitimer(signal.ITIMER_REAL, 0)
gc.callbacks.clear()
cpu.end(), wall.end()
by = {label.value for s in lookup("heap").snapshot().samples for label in s.labels}
print(all(counts.values()), by >= {"finalized", "collected", "alarmed"})
"""
    )

    assert lines == ["True True"]


def test_generators_of_all_kinds_are_left_and_entered_at_any_moment() -> None:
    lines = said(
        PROGRAM
        + """
def numbers(n):
    try:
        for i in range(n):
            yield [i]
    finally:
        counted("finalized")

def through(n):
    return (yield from numbers(n))

async def anumbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield bytes(100)

async def listen():
    async for block in anumbers(20):
        if len(list(through(10))) != 10: raise AssertionError
        abandoned = through(3)
        next(abandoned)
    async for block in anumbers(5):
        break

def recursive(n):
    return [n] if n == 0 else [*map(recursive, [n - 1])]

async def main():
    end = time.monotonic() + 2
    while time.monotonic() < end:
        await asyncio.gather(*(listen() for _ in range(5)))
        try:
            recursive(sys.getrecursionlimit())
        except RecursionError:
            pass

asyncio.run(main())
samples = cpu.end().samples
wall.end()
print(counts["finalized"] > 100, len(samples) > 0)
"""
    )

    assert lines == ["True True"]


def test_greenlets_exchange_their_stacks_while_they_are_sampled() -> None:
    pytest.importorskip("greenlet")

    lines = said(
        PROGRAM
        + """
from greenlet import getcurrent, greenlet

def deep(n, partner):
    if n == 0:
        while time.monotonic() < end:
            sorted(range(20), key=lambda x: len(bytes(x)))
            partner[0].switch()
        return
    list(map(lambda _: deep(n - 1, partner), [0]))

end = time.monotonic() + 2
one, other = [None], [None]
one[0], other[0] = greenlet(lambda: deep(20, other)), greenlet(lambda: deep(5, one))
one[0].switch()
print(sum(s.values[0] for s in cpu.end().samples) > 50)
wall.end()
"""
    )

    assert lines == ["True"]
