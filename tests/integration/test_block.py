"""`block` and `mutex` see real waits of tasks and threads, and nothing when they are off."""

from __future__ import annotations

import asyncio
import inspect
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from clearway.pprof import BadParameterError, Profile, block, lookup
from clearway.pprof.contention import WATCH
from clearway.pprof.watchedlock import WatchedLock, watched_lock, watched_rlock
from tests.integration.loops import Run, both_loops, settle

WAIT_S = 0.03


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    WATCH.begin_anew()
    yield
    block.set_block_rate(0)
    block.set_mutex_fraction(0)
    WATCH.begin_anew()


def delay_of(profile: Profile, *functions: str) -> float:
    """Return the seconds of all samples that pass through these functions."""
    return sum(
        each.values[1] / 1e9
        for each in profile.samples
        if set(functions) <= {frame.function.rpartition("<locals>.")[2] for frame in each.stack}
    )


async def at_a_lock() -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(WAIT_S, lock.release)
    async with lock:
        pass


async def at_a_semaphore() -> None:
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    asyncio.get_running_loop().call_later(WAIT_S, semaphore.release)
    await semaphore.acquire()


async def at_an_event() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(WAIT_S, event.set)
    await event.wait()


async def at_a_condition() -> None:
    condition = asyncio.Condition()

    async def notify() -> None:
        await asyncio.sleep(WAIT_S)
        async with condition:
            condition.notify_all()

    task = asyncio.create_task(notify())
    async with condition:
        await condition.wait()
    await task


async def at_an_empty_queue() -> None:
    line: asyncio.Queue[int] = asyncio.Queue()
    asyncio.get_running_loop().call_later(WAIT_S, line.put_nowait, 1)
    await line.get()


async def at_a_full_queue() -> None:
    line: asyncio.Queue[int] = asyncio.Queue(1)
    line.put_nowait(1)
    asyncio.get_running_loop().call_later(WAIT_S, line.get_nowait)
    await line.put(2)


async def at_a_join() -> None:
    line: asyncio.Queue[int] = asyncio.Queue()
    line.put_nowait(1)
    asyncio.get_running_loop().call_later(WAIT_S, line.task_done)
    await line.join()


@both_loops
@pytest.mark.parametrize(
    ("way", "leaf"),
    [
        (at_a_lock, "Lock.acquire"),
        (at_a_semaphore, "Semaphore.acquire"),
        (at_an_event, "Event.wait"),
        (at_a_condition, "Condition.wait"),
        (at_an_empty_queue, "Queue.get"),
        (at_a_full_queue, "Queue.put"),
        (at_a_join, "Queue.join"),
    ],
)
def test_a_task_that_waits_is_told_once(run: Run, way: Callable[[], Awaitable[None]], leaf: str) -> None:
    block.set_block_rate(1)
    run(way())

    profile = lookup("block").snapshot()
    assert delay_of(profile, leaf, way.__name__) >= WAIT_S * 0.5
    assert delay_of(profile, way.__name__) == delay_of(profile, leaf, way.__name__)
    assert sum(each.values[0] for each in profile.samples if way.__name__ in str(each.stack)) == 1


@both_loops
def test_what_does_not_wait_is_not_told(run: Run) -> None:
    async def main() -> None:
        event, line = asyncio.Event(), asyncio.Queue[int]()
        event.set()
        await line.put(1)
        await event.wait()
        await line.get()
        async with asyncio.Lock(), asyncio.Semaphore(1):
            pass

    block.set_block_rate(1)
    run(main())
    assert lookup("block").snapshot().samples == ()


def at_a_thread_event() -> None:
    event = threading.Event()
    threading.Timer(WAIT_S, event.set).start()
    event.wait()


def at_a_thread_semaphore() -> None:
    semaphore = threading.Semaphore(0)
    threading.Timer(WAIT_S, semaphore.release).start()
    semaphore.acquire()


def at_a_thread_queue() -> None:
    line: queue.Queue[int] = queue.Queue()
    threading.Timer(WAIT_S, line.put, (1,)).start()
    line.get()


def at_a_thread_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(WAIT_S, lock.release).start()
    lock.acquire()


@pytest.mark.parametrize(
    ("way", "leaf"),
    [
        (at_a_thread_event, "Condition.wait"),
        (at_a_thread_semaphore, "Condition.wait"),
        (at_a_thread_queue, "Condition.wait"),
        (at_a_thread_lock, "WatchedLock.acquire"),
    ],
)
def test_a_thread_that_waits_is_told(way: Callable[[], None], leaf: str) -> None:
    block.set_block_rate(1)
    way()

    assert delay_of(lookup("block").snapshot(), leaf, way.__name__) >= WAIT_S * 0.5


def test_instances_from_before_are_seen() -> None:
    condition, line = threading.Condition(), queue.Queue[int]()
    block.set_block_rate(1)
    threading.Timer(WAIT_S, line.put, (1,)).start()
    line.get()
    with condition:
        condition.wait(WAIT_S)

    assert delay_of(lookup("block").snapshot()) >= 2 * WAIT_S * 0.5


@both_loops
def test_the_holder_of_a_lock_is_charged_where_it_gives_it_back(run: Run) -> None:
    async def holder(lock: asyncio.Lock) -> None:
        async with lock:
            await asyncio.sleep(WAIT_S)

    async def needs(lock: asyncio.Lock) -> None:
        async with lock:
            pass

    async def main() -> None:
        lock = asyncio.Lock()
        tasks = [asyncio.create_task(each(lock)) for each in (holder, needs, needs)]
        await asyncio.gather(*tasks)

    block.set_mutex_fraction(1)
    run(main())
    profile = lookup("mutex").snapshot()
    assert delay_of(profile, "Lock.release", "holder") >= 2 * WAIT_S * 0.5
    assert delay_of(profile, "needs") < WAIT_S


def test_a_thread_that_holds_a_lock_is_charged() -> None:
    block.set_mutex_fraction(1)
    lock = threading.Lock()
    held = threading.Event()

    def holder() -> None:
        with lock:
            held.set()
            time.sleep(WAIT_S)

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait()
    with lock:
        pass
    thread.join()

    assert delay_of(lookup("mutex").snapshot(), "holder") >= WAIT_S * 0.5


def test_off_is_what_was_there_before() -> None:
    before = [
        asyncio.Lock.acquire,
        asyncio.Queue.get,
        threading.Condition.wait,
        threading.Lock,
        threading.RLock,
    ]
    block.set_block_rate(1)
    block.set_mutex_fraction(1)
    block.set_block_rate(0)
    assert asyncio.Lock.acquire is not before[0]  # mutex still watches
    block.set_mutex_fraction(0)

    after = [
        asyncio.Lock.acquire,
        asyncio.Queue.get,
        threading.Condition.wait,
        threading.Lock,
        threading.RLock,
    ]
    assert after == before


@both_loops
def test_it_may_be_switched_while_locks_are_held_and_waited_for(run: Run) -> None:
    async def main() -> list[str]:
        lock, done = asyncio.Lock(), []

        async def worker(name: str) -> None:
            async with lock:
                await asyncio.sleep(0.001)
                done.append(name)

        for number in range(6):
            block.set_mutex_fraction(number % 2)
            block.set_block_rate(number % 3)
            workers = [asyncio.create_task(worker(f"{number}")) for _ in range(5)]
            await settle()
            block.set_mutex_fraction((number + 1) % 2)
            await asyncio.gather(*workers)
        return done

    assert len(run(main())) == 30


@both_loops
def test_a_wait_that_is_cancelled_is_told_and_cancels(run: Run) -> None:
    async def main() -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(WAIT_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    block.set_block_rate(1)
    run(main())
    assert delay_of(lookup("block").snapshot(), "Event.wait") >= WAIT_S * 0.5


def test_methods_stay_coroutine_functions_for_those_who_ask() -> None:
    block.set_block_rate(1)
    if hasattr(inspect, "markcoroutinefunction"):
        assert inspect.iscoroutinefunction(asyncio.Event.wait)
    assert inspect.signature(asyncio.Queue.put) == inspect.signature(asyncio.Queue.put.__wrapped__)


def test_a_watched_lock_is_a_lock() -> None:
    lock = watched_lock()
    assert lock.acquire()
    assert not lock.acquire(False)
    assert not lock.acquire(timeout=0.01)
    assert lock.locked()
    with pytest.raises(ValueError, match="timeout"):
        lock.acquire(False, 1)
    lock.release()
    with pytest.raises(RuntimeError):
        lock.release()


def test_a_watched_rlock_is_reentrant_and_good_for_conditions() -> None:
    lock = watched_rlock()
    condition = threading.Condition(lock)
    with lock, lock, condition:
        assert not condition.wait(0.01)
    with pytest.raises(RuntimeError):
        lock.release()


def test_modules_make_watched_locks_while_it_is_on() -> None:
    block.set_block_rate(1)
    assert isinstance(threading.Condition()._lock, WatchedLock)
    assert isinstance(queue.Queue().mutex, WatchedLock)


FORKS = """
import os, threading
from clearway.pprof import block, lookup
block.set_block_rate(1)
threading.Event().wait(0.01)
assert lookup("block").snapshot().samples
child = os.fork()
if child == 0:
    os._exit(len(lookup("block").snapshot().samples))
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_begins_without_waits() -> None:
    assert subprocess.run([sys.executable, "-c", FORKS], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("switch", [block.set_block_rate, block.set_mutex_fraction])
def test_a_negative_rate_is_refused(switch: Callable[[int], None]) -> None:
    with pytest.raises(BadParameterError):
        switch(-1)


@pytest.mark.parametrize("name", ["block", "mutex"])
def test_a_profile_that_is_off_says_so(name: str) -> None:
    assert "off" in lookup(name).snapshot().comments[0]
