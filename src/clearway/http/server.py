"""A listening HTTP/1.1 server that answers by a plug."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import dataclass

from clearway.http.connection import ServerConnection
from clearway.http.deadlines import Deadlines
from clearway.http.limits import ServerLimits
from clearway.plug import Plug, RequestError

__all__ = ["Server", "ServerStatistics"]

DEFAULT_LIMITS = ServerLimits()
log = logging.getLogger("clearway.http")


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """A server's counts since it was made.

    Attributes:
        open: Connections now.
        accepted: Connections ever.
        refused: Connections turned away with 503 because `limits.connections` were open.
        refused_requests: Requests that no plug has seen, because what arrived was no request, broke a limit,
            or came too slowly.
    """

    open: int
    accepted: int
    refused: int
    refused_requests: int


class Server:
    """Answer HTTP/1.1 requests by a plug.

        server = Server(Pipeline(RequestId(), router))
        await server.listen("127.0.0.1", 8080)
        ...
        await server.close(drain_s=10)

    Options:
        plug: Called for each request, in the callback in which its head arrived. It may be replaced while
            the server runs (`server.plug = ...`): connections that open after that see the new one.
        limits: What a client may take.
        deadlines: The timer that holds the limits; share one among servers.

    One event loop, one thread. Plain HTTP only.
    """

    def __init__(
        self, plug: Plug, limits: ServerLimits = DEFAULT_LIMITS, deadlines: Deadlines | None = None
    ) -> None:
        self.plug = plug
        self.limits = limits
        self.deadlines = Deadlines() if deadlines is None else deadlines
        self._listeners: list[asyncio.Server] = []
        self._connections: set[ServerConnection] = set()
        self._accepted = 0
        self._refused = 0
        self._refused_requests = 0
        self.closing = False
        self._drained: asyncio.Future[None] | None = None

    async def listen(self, host: str, port: int, *, backlog: int = 2048) -> tuple[str, int]:
        """Listen on `host:port` and return the address that was bound; port 0 picks a free one."""
        listener = await asyncio.get_running_loop().create_server(
            lambda: ServerConnection(self), host, port, backlog=backlog, reuse_address=True
        )
        self._listeners.append(listener)
        bound = listener.sockets[0].getsockname()
        return bound[0], bound[1]

    async def listen_on(self, sock: socket.socket, *, backlog: int = 2048) -> None:
        """Listen on a bound socket, of TCP or a Unix one."""
        loop = asyncio.get_running_loop()
        create = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
        self._listeners.append(await create(lambda: ServerConnection(self), sock=sock, backlog=backlog))

    async def close(self, drain_s: float = 10.0) -> int:
        """Stop listening, let requests in flight finish for `drain_s`, and return how many were cut off."""
        self.closing = True
        for listener in self._listeners:
            listener.close()
        for connection in list(self._connections):
            connection.close_if_idle()
        if self._connections:
            self._drained = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._drained], timeout=drain_s)
        left = list(self._connections)
        for connection in left:
            connection.abort()
        return len(left)

    def statistics(self) -> ServerStatistics:
        """Return the counts."""
        return ServerStatistics(len(self._connections), self._accepted, self._refused, self._refused_requests)

    # What a connection needs

    def connection_opened(self, connection: ServerConnection) -> bool:
        """Count a connection; False if `limits.connections` are open."""
        self._accepted += 1
        self._connections.add(connection)
        self.deadlines.add(connection)
        if len(self._connections) > self.limits.connections:
            self._refused += 1
            return False
        return True

    def request_refused(self, peer: tuple[str, int] | None, refusal: RequestError) -> None:
        """Count and log what was refused before any plug saw it."""
        self._refused_requests += 1
        log.info("request refused: status=%d peer=%s: %s", refusal.status, peer and peer[0], refusal)

    def connection_closed(self, connection: ServerConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        self.deadlines.discard(connection)
        if not self._connections and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def __repr__(self) -> str:
        state = "closing" if self.closing else "open"
        return f"<Server {state}: {len(self._connections)} connections, {self._accepted} accepted>"
