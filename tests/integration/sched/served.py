"""A program for the supervisor's tests: workers that answer who they are, and do what they are asked."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time

from clearway.sched.supervision import Limits, Link, Supervisor, WorkersFailedError


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer lines: `who` with the process id, `hang` never, `slow` after half a second."""
    while line := (await reader.readline()).strip():
        if line == b"hang":
            time.sleep(60)  # noqa: ASYNC251  # that it blocks is the point
        if line == b"slow":
            await asyncio.sleep(0.5)
        writer.write(b"%d\n" % os.getpid())
        await writer.drain()
    writer.close()


async def serve(link: Link, listener: socket.socket) -> None:
    server = await asyncio.start_server(answer, sock=listener)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    link.ready()
    beating = asyncio.create_task(link.beat())
    await stop.wait()
    server.close()
    await asyncio.sleep(0.6)  # what is in flight ends
    beating.cancel()


def main() -> int:
    workers, mode = int(sys.argv[1]), sys.argv[2]
    listener = socket.create_server(("127.0.0.1", 0))

    def work(link: Link) -> int:
        if mode == "crash":
            raise RuntimeError("this worker cannot start")
        asyncio.run(serve(link, listener))
        return 0

    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    limits = Limits(start_s=10, stop_s=5, hang_s=1.0, dump_s=0.3)
    try:
        Supervisor(work, workers, limits=limits, intensity=5, period_s=10).run()
    except WorkersFailedError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
