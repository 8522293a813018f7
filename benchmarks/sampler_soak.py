"""Let the sampler run over a program that changes all the time, and see that it does not grow.

    make soak                                          # 10 minutes
    python -m benchmarks.sampler_soak --seconds 60

Threads allocate, compute and sleep under labels, in stacks of many shapes and in code that is compiled and
dropped; tasks await each other; profiles are taken and recordings begun and ended; children are forked. What
this program does is bounded, and so must be what the sampler keeps: each table, and the process's memory.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from clearway.pprof import _sampler, heap, labels, lookup
from clearway.pprof.cpu import Cpu, Wall
from clearway.pprof.memory import read_memory

SHAPES = 3  # functions that call each other, in any order
DEPTH = 3
TENANTS = 5
SOURCE = "def made():\n    return [bytes(n) for n in range(30)]\n"
# What may come late: stacks that are rare, room that doubles.
ALLOWED = {"rss": 8 << 20, "heap bytes": 1 << 18, "cpu bytes": 1 << 18, "heap memory": 1 << 20}
ALLOWED |= {"heap stacks": 300, "cpu stacks": 300, "heap locations": 60, "cpu locations": 100}
ALLOWED |= {"heap functions": 40, "cpu functions": 60, "live samples": 300}


class Churn:
    """Work without an end, until it is stopped."""

    def __init__(self, seed: int) -> None:
        self.stopped = False
        self._random = random.Random(seed)
        self._kept: list[Any] = []

    def run(self) -> None:
        """Work in this thread."""
        while not self.stopped:
            with labels(tenant=self._random.randrange(TENANTS), step="churn"):
                self._kept.append(self._descend(DEPTH))
                self._compiled()
            del self._kept[: len(self._kept) - 200]
            if self._random.random() < 0.01:
                asyncio.run(self._tasks())
                time.sleep(0.002)

    def _descend(self, depth: int) -> list[bytes]:
        if depth == 0:
            return [bytes(self._random.randrange(2000)) for _ in range(10)]
        return (self._one, self._two, self._three)[self._random.randrange(SHAPES)](depth - 1)

    def _one(self, depth: int) -> list[bytes]:
        return self._descend(depth)

    def _two(self, depth: int) -> list[bytes]:
        return sorted(self._descend(depth), key=len)

    def _three(self, depth: int) -> list[bytes]:
        return next(each for each in (self._descend(depth) for _ in range(1)))

    def _compiled(self) -> None:
        space: dict[str, Any] = {}
        exec(SOURCE, space)
        self._kept.append(space["made"]())

    async def _tasks(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(self._task())

    async def _task(self) -> None:
        await asyncio.sleep(0)
        self._kept.append(self._descend(DEPTH))


def look(turn: int) -> dict[str, int]:
    """Take every profile once, now and then in a child, and say how much the sampler holds."""
    cpu, wall = Cpu(hz=500).begin(), Wall(hz=500).begin()
    time.sleep(0.5)
    sampled = [cpu.end(), wall.end(), lookup("heap").snapshot()]
    if not all(len(list(profile.samples)) for profile in sampled):
        raise AssertionError("a profile is empty")
    if turn % 5 == 0:
        child = os.fork()
        if child == 0:
            os._exit(0 if len(list(lookup("heap").snapshot().samples)) >= 0 else 1)
        if os.waitpid(child, 0)[1] != 0:
            raise AssertionError("a child failed")
    gc.collect()
    tables = {"heap": _sampler.heap_tables.statistics(), "cpu": _sampler.cpu_tables.statistics()}
    held = {f"{name} {what}": size for name, table in tables.items() for what, size in table.items()}
    counted = _sampler.heap_statistics()
    held["heap memory"], held["live samples"] = int(counted["memory"]), int(counted["live_samples"])
    held["rss"] = read_memory().rss
    held["lost"] = int(counted["lost_samples"])
    return held


def turns(seconds: float) -> Iterator[dict[str, int]]:
    """Give what the sampler holds, turn by turn, while the churn goes on."""
    heap.start(period_bytes=8192)
    churns = [Churn(seed) for seed in range(4)]
    threads = [threading.Thread(target=churn.run) for churn in churns]
    for thread in threads:
        thread.start()
    end, turn = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            yield look(turn)
            turn += 1
    finally:
        for churn in churns:
            churn.stopped = True
        for thread in threads:
            thread.join()
        heap.stop()


def growth(held: list[dict[str, int]]) -> dict[str, tuple[int, int]]:
    """Return what the second half held more than the first one, by more than it may."""
    half = max(len(held) // 2, 1)
    found = {}
    for name in held[0]:
        before = max(each[name] for each in held[:half])
        after = max(each[name] for each in held[half:])
        if after > before * 1.15 + ALLOWED.get(name, 0):
            found[name] = (before, after)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the soak and print what was held; return 1 if something grew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=600)
    held = []
    for each in turns(parser.parse_args(arguments).seconds):
        held.append(each)
        if len(held) in (1, 2, 4) or len(held) % 50 == 0:
            print(len(held), each, flush=True)
    print(len(held), held[-1])
    grown = growth(held)
    print(f"grown: {grown}" if grown else "nothing grew")
    return bool(grown) or held[-1]["lost"] > 0


if __name__ == "__main__":
    sys.exit(main())
