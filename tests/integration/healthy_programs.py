"""Small programs whose tasks wait, each for what somebody alive can still do. Run by leak_driver.py."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import os
import signal
import socket
import sys
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.integration.stuck_programs import keep, named

SHUTDOWN: list[asyncio.Event] = []
BY_NAME: weakref.WeakValueDictionary[str, asyncio.Event] = weakref.WeakValueDictionary()
LOCAL = threading.local()
CURRENT: contextvars.ContextVar[asyncio.Event] = contextvars.ContextVar("current")
SERVERS: list[Any] = []

# Longer than any look takes, and the programs are ended with their tasks.
_WHILE = 60


def tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Call `callback` in the loop, if its program has not ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)


async def a_task_sleeps() -> None:
    keep(asyncio.sleep(_WHILE))


async def an_event_in_a_module() -> None:
    SHUTDOWN.append(asyncio.Event())
    keep(SHUTDOWN[-1].wait())


async def a_queue_with_a_producer() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()

    async def produce() -> None:
        await asyncio.sleep(_WHILE)
        queue.put_nowait(1)

    keep(queue.get())
    keep(produce())


async def a_timer_sets_the_event() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(_WHILE, functools.partial(event.set))
    keep(event.wait())


async def a_timer_cancels_the_task() -> None:
    asyncio.get_running_loop().call_later(_WHILE, named(asyncio.Event().wait()).cancel)


async def a_timer_is_given_the_task() -> None:
    def end(task: asyncio.Task[Any]) -> None:
        task.cancel()

    asyncio.get_running_loop().call_later(_WHILE, end, named(asyncio.Event().wait()))


async def a_timeout_ends_the_wait() -> None:
    async def wait() -> None:
        async with asyncio.timeout(_WHILE):
            await asyncio.Event().wait()

    keep(wait())


async def a_wait_for_ends_the_wait() -> None:
    keep(asyncio.wait_for(asyncio.Event().wait(), _WHILE))


async def a_thread_of_the_executor_works() -> None:
    keep(asyncio.to_thread(time.sleep, 1))


async def a_job_waits_in_the_queue_of_an_executor() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()

    async def work() -> None:
        await loop.run_in_executor(pool, time.sleep, 0.5)

    keep(work())
    keep(work())
    await asyncio.sleep(0)
    pool.shutdown(wait=False)


async def a_thread_has_the_queue() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def feed(queue: asyncio.Queue[int]) -> None:
        time.sleep(1)
        tell(loop, lambda: queue.put_nowait(1))

    threading.Thread(target=feed, args=(queue,), daemon=True).start()
    keep(queue.get())


async def a_thread_has_it_in_its_locals() -> None:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def feed() -> None:
        LOCAL.event = filled.pop()
        ready.set()
        time.sleep(1)
        tell(loop, LOCAL.event.set)

    filled, ready = [event], threading.Event()
    threading.Thread(target=feed, daemon=True).start()
    ready.wait()
    keep(event.wait())


async def a_stream_is_open() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asyncio.current_task().set_name("handler")  # type: ignore[union-attr]
        with contextlib.suppress(asyncio.CancelledError):
            await reader.readline()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    SERVERS.append(server)

    async def talk() -> None:
        reader, _ = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        await reader.readline()

    keep(talk())
    await asyncio.sleep(0.05)


async def a_client_reads_and_holds_the_reader_alone() -> None:
    ours, theirs = socket.socketpair()
    SERVERS.append(theirs)
    reader, writer = await asyncio.open_connection(sock=ours)
    SERVERS.append(writer.transport.get_extra_info("socket"))

    async def read(reader: asyncio.StreamReader) -> None:
        await reader.read(1)

    keep(read(reader))
    await asyncio.sleep(0)


async def a_socket_is_read() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    SERVERS.append(theirs)
    keep(asyncio.get_running_loop().sock_recv(ours, 1))
    await asyncio.sleep(0.01)


async def a_descriptor_is_watched() -> None:
    ours, theirs = socket.socketpair()
    SERVERS.append(theirs)
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(ours, future.set_result, None)

    async def wait() -> None:
        await future

    keep(wait())


async def a_pipe_is_read() -> None:
    read, write = os.pipe()
    SERVERS.append(os.fdopen(write, "wb"))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb")
    )
    keep(reader.readline())
    await asyncio.sleep(0)


async def a_datagram_may_come() -> None:
    class Receiver(asyncio.DatagramProtocol):
        def __init__(self) -> None:
            self.came = asyncio.get_running_loop().create_future()

        def datagram_received(self, data: bytes, addr: object) -> None:
            self.came.set_result(data)

    _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Receiver, local_addr=("127.0.0.1", 0)
    )

    async def wait(protocol: Receiver) -> None:
        await protocol.came

    keep(wait(protocol))


async def a_process_runs() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; sys.stdin.read()", stdin=-1
    )
    SERVERS.append(process.stdin)
    keep(process.wait())
    await asyncio.sleep(0)


async def a_signal_may_come() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, stop.set)
    keep(stop.wait())


async def an_event_can_be_looked_up_by_name() -> None:
    event = asyncio.Event()
    BY_NAME["ready"] = event
    keep(event.wait())


async def a_live_task_can_cancel_it() -> None:
    async def supervise() -> None:
        child = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(_WHILE)
        child.cancel()

    keep(supervise())


async def a_gather_with_a_task_that_lives() -> None:
    async def both() -> None:
        await asyncio.gather(asyncio.sleep(_WHILE), asyncio.sleep(_WHILE))

    keep(both())


async def a_task_group_can_cancel_it() -> None:
    async def group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())
            group.create_task(asyncio.sleep(_WHILE))

    keep(group())


async def the_owner_of_a_task_group_lives() -> None:
    async def group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())
            await asyncio.sleep(_WHILE)
            raise asyncio.CancelledError

    keep(group())


async def a_callback_of_a_live_task_sets_it() -> None:
    event = asyncio.Event()

    def tell(event: asyncio.Event, task: asyncio.Task[None]) -> None:
        event.set()

    task = asyncio.create_task(asyncio.sleep(_WHILE))
    task.add_done_callback(functools.partial(tell, event))
    keep(event.wait())


async def a_lock_whose_holder_lives() -> None:
    lock = asyncio.Lock()

    async def hold() -> None:
        async with lock:
            await asyncio.sleep(_WHILE)

    async def wait() -> None:
        async with lock:
            pass

    keep(hold())
    await asyncio.sleep(0)
    keep(wait())


async def an_async_generator_that_sleeps() -> None:
    async def ticks() -> AsyncIterator[int]:
        await asyncio.sleep(_WHILE)
        yield 1

    async def consume() -> None:
        async for _ in ticks():
            pass

    keep(consume())


async def a_shield_around_what_lives() -> None:
    async def wait() -> None:
        await asyncio.shield(asyncio.sleep(_WHILE))

    keep(wait())


async def the_context_of_a_live_task_has_it() -> None:
    event = asyncio.Event()

    async def later() -> None:
        CURRENT.set(held.pop())
        await asyncio.sleep(_WHILE)
        CURRENT.get().set()

    held = [event]
    keep(later())
    await asyncio.sleep(0)
    keep(event.wait())


async def a_frame_that_runs_has_it() -> None:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Feeder(threading.Thread):
        def run(self) -> None:
            ours = event
            time.sleep(1)
            tell(loop, ours.set)

    Feeder(daemon=True).start()
    keep(event.wait())


PROGRAMS = [
    a_task_sleeps,
    an_event_in_a_module,
    a_queue_with_a_producer,
    a_timer_sets_the_event,
    a_timer_cancels_the_task,
    a_timer_is_given_the_task,
    a_timeout_ends_the_wait,
    a_wait_for_ends_the_wait,
    a_thread_of_the_executor_works,
    a_job_waits_in_the_queue_of_an_executor,
    a_thread_has_the_queue,
    a_thread_has_it_in_its_locals,
    a_stream_is_open,
    a_client_reads_and_holds_the_reader_alone,
    a_socket_is_read,
    a_descriptor_is_watched,
    a_pipe_is_read,
    a_datagram_may_come,
    a_process_runs,
    a_signal_may_come,
    an_event_can_be_looked_up_by_name,
    a_live_task_can_cancel_it,
    a_gather_with_a_task_that_lives,
    a_task_group_can_cancel_it,
    the_owner_of_a_task_group_lives,
    a_callback_of_a_live_task_sets_it,
    a_lock_whose_holder_lives,
    an_async_generator_that_sleeps,
    a_shield_around_what_lives,
    the_context_of_a_live_task_has_it,
    a_frame_that_runs_has_it,
]
