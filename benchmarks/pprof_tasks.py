"""What it costs to ask for `tasks` and `leakedtasks` where there are 10,000 tasks and a million objects.

python -m benchmarks.pprof_tasks [--tasks 10000] [--objects 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from clearway.pprof import tasks as profile_of_tasks
from clearway.pprof.leakedtasks import LeakedTasks
from clearway.pprof.tasks import Tasks

ROUNDS = 5
BACKGROUND: set[asyncio.Task[Any]] = set()
HEAP: list[object] = []
WAKES = asyncio.Event()


class Row:
    def __init__(self, number: int) -> None:
        self.number = number
        self.next: list[object] = [self]


async def reader(event: asyncio.Event) -> None:
    await event.wait()


async def fill(count: int) -> None:
    """Start tasks of which one in ten waits for what nobody can do."""
    for number in range(count):
        BACKGROUND.add(asyncio.create_task(reader(WAKES if number % 10 else asyncio.Event())))
    await asyncio.sleep(0.1)


class Pauses(threading.Thread):
    """Notes the longest time in which another thread did not get to run."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self.over = False

    def run(self) -> None:
        last = time.perf_counter()
        while not self.over:
            time.sleep(0.0005)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now


def cpu_of_copies() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(name: str, work: Callable[[], object]) -> None:
    took, cpu, copies, gaps = [], [], [], []
    for _ in range(ROUNDS):
        pauses = Pauses()
        pauses.start()
        began, began_cpu, began_copy = time.perf_counter(), time.process_time(), cpu_of_copies()
        work()
        took.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
        copies.append(cpu_of_copies() - began_copy)
        pauses.over = True
        pauses.join()
        gaps.append(pauses.longest)
    middle = ROUNDS // 2
    print(
        f"{name:<28} {sorted(took)[middle] * 1e3:8.0f} ms, {sorted(cpu)[middle] * 1e3:6.0f} ms of CPU here "
        f"and {sorted(copies)[middle] * 1e3:6.0f} ms in a copy, "
        f"longest pause of another thread {sorted(gaps)[middle] * 1e3:5.1f} ms (worst {max(gaps) * 1e3:.1f})"
    )


async def births(count: int = 20_000) -> float:
    async def nothing() -> None:
        pass

    began = time.process_time()
    for _ in range(count // 1000):
        await asyncio.gather(*(asyncio.create_task(nothing()) for _ in range(1000)))
    return (time.process_time() - began) / count * 1e6


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--tasks", type=int, default=10_000)
    options.add_argument("--objects", type=int, default=1_000_000)
    given = options.parse_args()
    costs: dict[bool, list[float]] = {False: [], True: []}
    for on in (False, True) * ROUNDS:
        profile_of_tasks.record_created_sites(on)
        costs[on].append(await births())
    profile_of_tasks.record_created_sites(False)
    print(f"Python {sys.version.split()[0]}, {given.tasks:,} tasks, {given.objects:,} objects")
    print(
        f"making and ending a task: {min(costs[False]):.2f} us, with created sites {min(costs[True]):.2f} us"
    )
    HEAP.extend(Row(number) for number in range(given.objects // 2))
    await fill(given.tasks)
    leaked = LeakedTasks()
    print(leaked.snapshot().comments[0])
    measured("nothing", lambda: time.sleep(0.2))
    measured("tasks", Tasks().snapshot)
    measured("leakedtasks", leaked.snapshot)
    print(f"peak RSS here {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    asyncio.run(main())
