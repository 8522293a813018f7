"""A server, a proxy and an upstream on real sockets, in the loop of the test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from clearway.gateway.proxy import Proxy
from clearway.gateway.upstream import Upstream
from clearway.http import ClientLimits, Deadlines, Server, ServerLimits
from clearway.plug import Conn, Pipeline, Plug, Sent
from clearway.plug.plugs import RequestId

__all__ = ["Play", "RealGateway", "open_fds", "real_gateway", "upstream"]

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What an upstream does with a connection."""


@dataclass
class RealGateway:
    """What a test drives.

    Attributes:
        address: Where clients connect.
        sent: Each request's newest conn, and how it ended.
    """

    server: Server
    upstream: Upstream
    deadlines: Deadlines
    address: str = ""
    sent: list[tuple[Conn, Sent]] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, conn: Conn) -> Conn:
        """Keep how the request ends (a plug)."""
        return conn.register_after_send(self._ended)

    def _ended(self, conn: Conn, sent: Sent) -> None:
        self.sent.append((conn, sent))
        self._more.set()

    async def outcomes(self, count: int = 1) -> list[str]:
        """Wait until `count` requests have ended, and return how."""
        while len(self.sent) < count:
            self._more.clear()
            await self._more.wait()
        return [sent.outcome for _, sent in self.sent]

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return int(self.address.rpartition(":")[2])


@asynccontextmanager
async def real_gateway(
    port: int,
    *,
    plug: Plug | None = None,
    limits: ServerLimits | None = None,
    client_limits: ClientLimits | None = None,
) -> AsyncIterator[RealGateway]:
    """Serve a proxy to `port`, or `plug`; at the end of the block nothing of it may be left."""
    tasks = len(asyncio.all_tasks())
    deadlines = Deadlines(tick_s=0.01)
    target = Upstream("u", [("127.0.0.1", port)], client_limits or ClientLimits(), deadlines)
    server = Server(_nothing, limits or ServerLimits(), deadlines)
    gateway = RealGateway(server, target, deadlines)
    server.plug = Pipeline(RequestId(), gateway.note, plug or Proxy(target))
    host, bound = await server.listen("127.0.0.1", 0)
    gateway.address = f"{host}:{bound}"
    fds = open_fds() - 1  # without the listener; the loop opens a spare one when it first listens
    try:
        yield gateway
    finally:
        await server.close(drain_s=5)
        target.close()
        await _come_to_rest(lambda: open_fds() <= fds and not len(deadlines))
    assert (len(deadlines), server.statistics().open) == (0, 0)
    assert [pool.statistics().open for pool in target.pools] == [0]
    assert len(asyncio.all_tasks()) <= tasks
    assert open_fds() <= fds


def _nothing(conn: Conn) -> Conn:
    return conn


async def _come_to_rest(is_quiet: Callable[[], bool], patience_s: float = 5.0) -> None:
    """Wait for what closes in the background: sockets of the loop, and what the other end still holds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            while not is_quiet():  # noqa: ASYNC110  # the kernel tells nobody
                await asyncio.sleep(0.005)


@asynccontextmanager
async def upstream(play: Play) -> AsyncIterator[int]:
    """Listen on a port, and do with each connection what `play` does; its connections end with the block."""
    players: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        players.add(task)
        task.add_done_callback(players.discard)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await play(reader, writer)
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 20)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in players:
            task.cancel()
        await asyncio.gather(*players, return_exceptions=True)


def open_fds() -> int:
    """Return how many file descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))
