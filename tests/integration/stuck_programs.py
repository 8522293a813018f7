"""Small programs, each with a task called `stuck` that nobody can ever wake. Run by leak_driver.py.

A module's globals are alive, so what wakes a task must not be in one: programs let go of it.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Coroutine
from typing import Any

BACKGROUND: set[asyncio.Task[Any]] = set()
BY_NAME: dict[str, asyncio.Task[Any]] = {}


def keep(coroutine: Coroutine[Any, Any, Any], name: str = "stuck") -> None:
    """Start a task as asyncio's docs recommend."""
    task = asyncio.create_task(coroutine, name=name)
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)


class Ticker:
    """Ticks for those who wait, until it is stopped. Stopped, but not closed: those who wait are not told."""

    def __init__(self) -> None:
        self.ticked = asyncio.Event()
        self.ticks: asyncio.Queue[int] = asyncio.Queue()
        self._again()

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(60, self._tick)

    def _tick(self) -> None:
        self.ticked.set()
        self.ticks.put_nowait(1)
        self._again()

    def stop(self) -> None:
        self._timer.cancel()


class Connection:
    def __init__(self, ticker: Ticker) -> None:
        self.ticker = ticker

    async def read(self) -> None:
        while True:
            await self.ticker.ticked.wait()
            self.ticker.ticked.clear()


async def a_reader_waits_for_a_ticker_that_was_stopped_and_not_closed() -> None:
    ticker = Ticker()
    keep(Connection(ticker).read())
    await asyncio.sleep(0)
    ticker.stop()


async def a_consumer_waits_at_a_queue_that_has_no_producer() -> None:
    ticker = Ticker()

    async def consume() -> None:
        while True:
            await ticker.ticks.get()

    keep(consume())
    await asyncio.sleep(0)
    ticker.stop()


class Session:
    """Holds its own task; only that task and a registry of tasks know of it."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.task = asyncio.create_task(self.run(), name="stuck")
        BACKGROUND.add(self.task)

    async def run(self) -> None:
        await self.ready.wait()


async def an_object_holds_its_own_task() -> None:
    Session()


async def a_future_that_nobody_else_has() -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    keep(wait())


async def two_tasks_wait_for_each_other() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def wait(mine: asyncio.Event, other: asyncio.Event) -> None:
        await mine.wait()
        other.set()

    keep(wait(first, second))
    keep(wait(second, first))


async def a_gather_of_tasks_that_cannot_go_on() -> None:
    async def both() -> None:
        await asyncio.gather(named(asyncio.Event().wait()), named(asyncio.Queue[int]().get()))

    keep(both())


def named(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.create_task(coroutine, name="stuck")


async def a_task_group_with_a_task_that_cannot_go_on() -> None:
    async def group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait(), name="stuck")

    keep(group())


async def a_lock_whose_holder_is_gone() -> None:
    lock = asyncio.Lock()

    async def take() -> None:
        await lock.acquire()

    await take()
    keep(take())


async def a_semaphore_that_nobody_gives_back() -> None:
    async def take(slots: asyncio.Semaphore) -> None:
        await slots.acquire()

    slots = asyncio.Semaphore(2)
    for name in ("ended", "ended", "stuck"):
        keep(take(slots), name)


async def a_queue_is_joined_that_nobody_works_on() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(1)
    keep(queue.join())


async def a_condition_that_nobody_notifies() -> None:
    async def wait(condition: asyncio.Condition) -> None:
        async with condition:
            await condition.wait()

    keep(wait(asyncio.Condition()))


async def an_async_generator_waits_for_an_event() -> None:
    async def ticks() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()
        yield 2

    async def consume() -> None:
        async for _ in ticks():
            pass

    keep(consume())


async def a_shield_around_what_cannot_go_on() -> None:
    async def wait() -> None:
        await asyncio.shield(named(asyncio.Event().wait()))

    keep(wait())


async def a_stream_that_nobody_feeds() -> None:
    keep(asyncio.StreamReader().readline())


async def a_registry_by_name_and_a_weak_one() -> None:
    task = named(asyncio.Event().wait())
    BY_NAME["reader"] = task
    WATCHED.add(task)


WATCHED: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()


class Server:
    """The usual server: it lives, knows its tasks, and forgets those that end."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.serving = asyncio.create_task(asyncio.sleep(60), name="serving")

    def handle(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        task = asyncio.create_task(coroutine, name=name)
        self.tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)


SERVERS: list[Server] = []


async def a_server_that_lives_holds_a_handler_that_does_not() -> None:
    SERVERS.append(Server())
    SERVERS[-1].handle(asyncio.Event().wait(), "stuck")
    SERVERS[-1].handle(asyncio.sleep(60), "alive")


async def a_finaliser_of_what_would_wake_it_counts_for_nothing() -> None:
    ticker = Ticker()
    weakref.finalize(ticker, str)
    keep(Connection(ticker).read())
    await asyncio.sleep(0)
    ticker.stop()


async def it_waits_for_a_task_that_cannot_go_on() -> None:
    async def outer() -> None:
        await named(asyncio.Event().wait())

    keep(outer())


PROGRAMS = [
    a_reader_waits_for_a_ticker_that_was_stopped_and_not_closed,
    a_consumer_waits_at_a_queue_that_has_no_producer,
    an_object_holds_its_own_task,
    a_future_that_nobody_else_has,
    two_tasks_wait_for_each_other,
    a_gather_of_tasks_that_cannot_go_on,
    a_task_group_with_a_task_that_cannot_go_on,
    a_lock_whose_holder_is_gone,
    a_semaphore_that_nobody_gives_back,
    a_queue_is_joined_that_nobody_works_on,
    a_condition_that_nobody_notifies,
    an_async_generator_waits_for_an_event,
    a_shield_around_what_cannot_go_on,
    a_stream_that_nobody_feeds,
    a_registry_by_name_and_a_weak_one,
    a_server_that_lives_holds_a_handler_that_does_not,
    a_finaliser_of_what_would_wake_it_counts_for_nothing,
    it_waits_for_a_task_that_cannot_go_on,
]
