"""Each way to await a task is seen through, from the task up to the one that waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from clearway.pprof.awaiting import awaiters, upward
from clearway.pprof.census import every_task
from tests.integration.loops import Run, both_loops, settle


async def leaf() -> None:
    await asyncio.get_running_loop().create_future()


def started() -> asyncio.Task[None]:
    return asyncio.create_task(leaf(), name="leaf")


async def by_await() -> None:
    await started()


async def by_gather() -> None:
    await asyncio.gather(started())


async def by_gather_in_gather() -> None:
    await asyncio.gather(asyncio.gather(asyncio.gather(started())))


async def by_wait() -> None:
    await asyncio.wait([started()])


async def by_wait_for() -> None:
    await asyncio.wait_for(started(), timeout=100)


async def by_timeout() -> None:
    async with asyncio.timeout(100):
        await started()


async def by_shield() -> None:
    await asyncio.shield(started())


async def by_task_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name="leaf")


async def by_as_completed() -> None:
    for each in asyncio.as_completed([started()]):
        await each


async def by_wait_of_little() -> None:
    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0))])


WAYS = (
    by_await,
    by_gather,
    by_gather_in_gather,
    by_wait,
    by_wait_for,
    by_timeout,
    by_shield,
    by_task_group,
    by_as_completed,
)


@both_loops
@pytest.mark.parametrize("way", WAYS)
def test_a_task_leads_to_the_one_that_awaits_it(run: Run, way: Callable[[], Awaitable[None]]) -> None:
    async def main() -> dict[str, str]:
        parent = asyncio.ensure_future(way())
        await settle()
        above = awaiters(every_task())
        found = {task.get_name(): up.get_coro().__name__ for task, up in above.items()}
        parent.cancel()
        await asyncio.wait([parent])
        for task in above:
            task.cancel()
        return found

    assert run(main())["leaf"] == way.__name__


def test_the_way_up_ends_where_tasks_await_each_other() -> None:
    above = {1: 2, 2: 3, 3: 1}  # numbers for tasks: nobody can end real ones that do this

    assert list(upward(1, above)) == [2, 3]  # type: ignore[arg-type,type-var]


@pytest.mark.slow
@both_loops
def test_it_does_not_raise_while_tasks_start_and_end_in_other_threads(run: Run) -> None:
    over = threading.Event()

    async def churn() -> None:
        while not over.is_set():
            await asyncio.gather(*(asyncio.sleep(0) for _ in range(50)), by_wait_of_little())

    threads = [threading.Thread(target=run, args=(churn(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        looks, seen = 0, 0
        while looks < 300 or not seen:
            looks, seen = looks + 1, seen + len(awaiters(every_task()))
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert looks >= 300
