"""Idle connections to one upstream address, and the making of new ones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from clearway.http.client import ClientConnection
from clearway.http.deadlines import Deadlines
from clearway.http.errors import UpstreamConnectError, UpstreamError, UpstreamTimeoutError
from clearway.http.limits import ClientLimits
from clearway.plug import Deferred

__all__ = ["Pool", "PoolStatistics"]


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """A pool's counts: connections now, and made or reused since the start."""

    open: int
    idle: int
    connected: int
    reused: int


class Pool:
    """Connections to `host:port`: the one used last is used next, so that the others can grow old and go.

        connection = pool.take_idle() or await pool.connect()

    Options:
        limits: `pool_size` idle connections are kept, each for `pool_idle_s`.
        deadlines: The timer that holds the limits.
    """

    def __init__(self, host: str, port: int, limits: ClientLimits, deadlines: Deadlines) -> None:
        self.host = host
        self.port = port
        self._limits = limits
        self._deadlines = deadlines
        self._idle: list[ClientConnection] = []
        self._open: set[ClientConnection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._room = limits.pool_size  # connections that may wait here
        self._connected = 0
        self._reused = 0

    def take_idle(self) -> ClientConnection | None:
        """Return a connection that waits for a request, or None."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.is_usable():
                self._reused += 1
                return connection
        return None

    def connect(self) -> Deferred[ClientConnection]:
        """Return a new connection, later; rejects with an `UpstreamError`."""

        def stop() -> None:
            task.cancel()

        deferred: Deferred[ClientConnection] = Deferred(on_cancel=stop)
        task = asyncio.get_running_loop().create_task(self._connect(deferred))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return deferred

    async def _connect(self, deferred: Deferred[ClientConnection]) -> None:
        connection = self._new()
        try:
            async with asyncio.timeout(self._limits.connect_s):
                await asyncio.get_running_loop().create_connection(lambda: connection, self.host, self.port)
        except BaseException as error:
            # uvloop closes the transport of a wait that was cancelled, and does not tell the protocol.
            self._deadlines.discard(connection)
            deferred.reject(self._connect_error(error))
            if not isinstance(error, Exception):
                raise
        else:
            self._connected += 1
            if connection.is_usable():  # else it is lost already, and has been forgotten
                self._open.add(connection)
            deferred.resolve(connection)

    def _connect_error(self, error: BaseException) -> UpstreamError:
        if isinstance(error, TimeoutError):
            return UpstreamTimeoutError(f"no connection to {self} within {self._limits.connect_s:g} s")
        if isinstance(error, asyncio.CancelledError):
            return UpstreamConnectError(f"no connection to {self}: the pool was closed meanwhile")
        return UpstreamConnectError(f"no connection to {self}: {getattr(error, 'strerror', None) or error}")

    def _new(self) -> ClientConnection:
        return ClientConnection(
            self._limits, self._deadlines, self._take_back, self._forget, str(self).encode()
        )

    def _take_back(self, connection: ClientConnection) -> None:
        if len(self._idle) < self._room:
            self._idle.append(connection)
        else:
            connection.close()

    def _forget(self, connection: ClientConnection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """Keep no connection any more, and stop connecting; exchanges in flight go on to their end."""
        self._room = 0
        for task in list(self._connecting):
            task.cancel()
        for connection in list(self._idle):
            connection.close()
        self._idle.clear()

    def statistics(self) -> PoolStatistics:
        """Return the counts."""
        return PoolStatistics(len(self._open), len(self._idle), self._connected, self._reused)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"<Pool {self}: {len(self._open) - len(self._idle)} active, {len(self._idle)} idle>"
