"""A server, a proxy and a time of its own, on the memory network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from clearway.gateway.proxy import Proxy
from clearway.gateway.upstream import Upstream
from clearway.http import ClientLimits, Deadlines, Server, ServerLimits
from clearway.plug import Conn, Pipeline, Plug, Sent
from tests.wire.memory import FarEnd, MemoryLoop, Origin, settle

__all__ = ["REQUEST_ID", "TICK_S", "Gateway"]

TICK_S = 0.25
REQUEST_ID = "the-request"


class Gateway:
    """What a test drives: connect clients, play upstreams, let time pass, look at how requests ended.

        gateway = await Gateway(plug).open()
        client = gateway.connect()
        client.send(b"GET / HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n")
        await settle()

    Options:
        plug: Answers requests; the proxy to `origin` unless given.
        origin: What accepts the proxy's connections at `origin:80`; nothing listens there unless given.
        targets: Where the proxy sends requests.
    """

    def __init__(
        self,
        plug: Plug | None = None,
        *,
        origin: Origin | None = None,
        limits: ServerLimits | None = None,
        client_limits: ClientLimits | None = None,
        before: tuple[Plug, ...] = (),
        targets: Sequence[tuple[str, int]] = (("origin", 80),),
    ) -> None:
        self.time = 1000.0
        self.sent: list[tuple[Conn, Sent]] = []
        self.deadlines = Deadlines(tick_s=3600, clock=lambda: self.time)
        self.loop = cast(MemoryLoop, asyncio.get_running_loop())
        self.upstream = Upstream("u", targets, client_limits or ClientLimits(), self.deadlines)
        if origin is not None:
            self.loop.origins["origin", 80] = origin
        pipeline = Pipeline(self._watch, *before, plug or Proxy(self.upstream))
        self.server = Server(pipeline, limits or ServerLimits(), self.deadlines)
        self.port = 0

    def _watch(self, conn: Conn) -> Conn:
        conn = conn.put_request_id(REQUEST_ID)
        return conn.register_after_send(lambda conn, sent: self.sent.append((conn, sent)))

    async def open(self) -> Gateway:
        """Listen."""
        _, self.port = await self.server.listen("127.0.0.1", 0)
        return self

    def connect(self) -> FarEnd:
        """Connect a client."""
        return self.loop.connect(self.port)

    async def ask(self, raw: bytes, *, piece: int = 0) -> FarEnd:
        """Send `raw` on a new connection, whole or in pieces, and wait until all is quiet."""
        client = self.connect().send(raw, piece)
        await settle()
        return client

    async def pass_time(self, seconds: float) -> None:
        """Let time pass tick by tick, as the timer would."""
        end = self.time + seconds
        while self.time < end:
            self.time = min(self.time + TICK_S, end)
            self.deadlines.sweep(self.time)
            await settle(2)
        await settle()

    @property
    def outcomes(self) -> list[str]:
        """How requests ended, in order."""
        return [sent.outcome for _, sent in self.sent]

    async def close(self) -> None:
        """Close everything; a test that checks for leaks looks at the deadlines afterwards."""
        await self.server.close(drain_s=0)
        self.upstream.close()
        await settle()
