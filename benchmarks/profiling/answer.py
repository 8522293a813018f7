"""How long `heap` takes to answer at 100,000 live samples, and how long the service pauses meanwhile.

    python -m benchmarks.profiling.answer                                               (prints its samples)
    python -m benchmarks.pprof --only answer

The service is an event loop that never rests: each callback computes for 0.2 ms and is followed by the next.
A pause is the time between two of them, those 0.2 ms taken off. It is asked by another thread, through what
the server answers with, the socket left out. What the machine does to such a loop is measured by turns.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import uvloop

from benchmarks.numbers import percentile
from benchmarks.processes import ENV
from benchmarks.profiling.crowd import crowd
from benchmarks.profiling.profilers import ROOT
from clearway.pprof import heap
from clearway.pprof.web.answer import Answer
from clearway.pprof.web.pages import Pages, Request

LIVE_SAMPLES = 100_000
ROUNDS = 10
CALLBACK_S = 0.0002
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}


def ask() -> Answer:
    """Ask for the heap as the server does."""
    collection = Pages().ask(Request("GET", "/debug/pprof/heap"))
    assert not isinstance(collection, Answer)
    refused = collection.begin()
    answer = refused or collection.finish()
    assert answer.status == 200, answer
    return answer


class Service:
    """An event loop that is always busy, and remembers when each of its callbacks began."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.began: list[float] = []

    def pauses(self, meanwhile: Callable[[], object]) -> tuple[float, list[float]]:
        """Run until `meanwhile` has ended in a thread; return how long it took, and the pauses, in ms."""
        self.began = []
        with ThreadPoolExecutor(1) as thread:
            began = time.perf_counter()
            future = self.loop.run_in_executor(thread, meanwhile)
            future.add_done_callback(lambda _: self.loop.stop())
            self.loop.call_soon(self._callback)
            self.loop.run_forever()
            took = time.perf_counter() - began
            future.result()
        gaps = pairwise(self.began)
        return 1e3 * took, [max(0.0, 1e3 * (after - before - CALLBACK_S)) for before, after in gaps]

    def _callback(self) -> None:
        now = time.perf_counter()
        self.began.append(now)
        while time.perf_counter() < now + CALLBACK_S:
            pass
        if self.loop.is_running():
            self.loop.call_soon(self._callback)


def measured() -> dict[str, object]:
    """Measure in this process."""
    held = crowd(LIVE_SAMPLES)
    statistics = heap.statistics()
    ask()
    alone = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        size = len(ask().body)
        alone.append(1e3 * (time.perf_counter() - began))
    busy = {name: _beside(loop) for name, loop in LOOPS.items()}
    stacks = heap_stacks()
    return {
        "live_samples": statistics.live_samples,
        "blocks": len(held),
        "stacks": stacks,
        "bytes": size,
        "alone_ms": alone,
        "busy": busy,
    }


def heap_stacks() -> int:
    """Return how many samples, of a stack and labels each, the profile has."""
    from clearway.pprof import lookup

    return len(lookup("heap").snapshot().samples)


def _beside(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> dict[str, list[float]]:
    """Return answer times and pauses, and the pauses of as long a time without an answer, in ms."""
    loop = make_loop()
    service = Service(loop)
    found: dict[str, list[float]] = {"answer_ms": [], "longest_ms": [], "p99_ms": [], "quiet_longest_ms": []}
    for _ in range(ROUNDS):
        took, pauses = service.pauses(ask)
        found["answer_ms"].append(took)
        found["longest_ms"].append(max(pauses))
        found["p99_ms"].append(percentile(pauses, 99))
        _, quiet = service.pauses(lambda took=took: time.sleep(took / 1e3))
        found["quiet_longest_ms"].append(max(quiet))
    loop.close()
    return found


def take() -> dict[str, object]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.profiling.answer"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=ENV)
    taken: dict[str, object] = json.loads(done.stdout)
    return taken


if __name__ == "__main__":
    print(json.dumps(measured()))
