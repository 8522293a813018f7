# A network without sockets, for tests that say byte by byte what arrives.
#
# Rule 1: the loop is a real uvloop; only `create_server` and `create_connection` are ours. So a test goes
#         through the same doors as a program, and never names an internal class.
# Rule 2: what is ours does what uvloop does. A protocol is made before its connection; `connection_lost`
#         comes a turn after `close`, a write after that raises; a paused reader gets nothing, and then all
#         that waits in one read; a slow peer leads to `pause_writing`. A connection that is cancelled as it
#         is made is closed, and nobody told.
"""A network without sockets: the test plays the far end of every connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import uvloop

__all__ = ["FarEnd", "MemoryLoop", "MemoryTransport", "Origin", "settle"]

TURNS = 12  # more turns of the loop than any exchange needs to come to rest

Origin = Callable[["FarEnd"], None]
"""What accepts the gateway's connections: called with each."""


class MemoryLoop(uvloop.Loop):
    """An event loop whose connections end in the test.

    `origins` maps an address to what accepts there; None accepts nothing and never refuses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.origins: dict[tuple[str, int], Origin | None] = {}
        self.factories: dict[int, Callable[[], Any]] = {}

    async def create_server(self, factory, host=None, port=0, **_):  # type: ignore[no-untyped-def,override]
        port = port or 8000 + len(self.factories)
        self.factories[port] = factory
        listening = SimpleNamespace(getsockname=lambda: (host, port))
        return SimpleNamespace(sockets=[listening], close=lambda: self.factories.pop(port, None))

    async def create_connection(self, factory, host=None, port=None, **_):  # type: ignore[no-untyped-def,override]
        protocol = factory()
        await asyncio.sleep(0)
        if (host, port) not in self.origins:
            raise ConnectionRefusedError(111, "Connection refused")
        origin = self.origins[host, port]
        if origin is None:
            await self.create_future()
        far_end = FarEnd(self, protocol, ("127.0.0.1", 40_000))
        origin(far_end)
        try:
            await asyncio.sleep(0)
        except BaseException:
            far_end.transport.drop()
            raise
        return far_end.transport, protocol

    def connect(self, port: int) -> FarEnd:
        """Connect to a server of ours as a client."""
        return FarEnd(self, self.factories[port](), ("192.0.2.7", 50_000))


class FarEnd:
    """The other end of a connection, played by the test.

    Attributes:
        received: Everything that was sent to this end.
        room: Bytes that this end still takes; None takes all, 0 is a peer that never reads.
        on_data: Called, a turn later, when something was received.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: Any, address: tuple[str, int]) -> None:
        self.received = bytearray()
        self.room: int | None = None
        self.on_data: Callable[[FarEnd], None] | None = None
        self.transport = MemoryTransport(loop, protocol, self, address)
        protocol.connection_made(self.transport)

    def send(self, data: bytes, piece: int = 0) -> FarEnd:
        """Let `data` arrive, in one piece or in pieces of `piece` bytes."""
        step = piece or max(len(data), 1)
        for at in range(0, len(data), step):
            self.transport.arrive(data[at : at + step])
        return self

    def send_eof(self) -> None:
        """Close the sending side."""
        self.transport.arrive(None)

    def vanish(self) -> None:
        """Break the connection off, as a reset does."""
        self.transport.lose(ConnectionResetError(104, "Connection reset by peer"))

    def take(self, size: int | None = None) -> None:
        """Read `size` bytes more, or all there are from now on."""
        self.room = size
        self.transport.flush()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will come: the other side closed, or shut its sending side."""
        return self.transport.eof_written or self.transport.is_lost

    @property
    def was_aborted(self) -> bool:
        """Whether the other side broke the connection off."""
        return self.transport.was_aborted


class MemoryTransport(asyncio.Transport):
    """The near end: what the code under test holds."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, protocol: Any, far_end: FarEnd, address: tuple[str, int]
    ) -> None:
        super().__init__({"peername": address, "sockname": ("127.0.0.1", 8000)})
        self._loop = loop
        self._protocol = protocol
        self._far_end = far_end
        self._unsent = bytearray()
        self._arrived: deque[bytes | None] = deque()  # not yet delivered; None is the end
        self._high, self._low = 64 * 1024, 16 * 1024
        self._reading, self._write_paused, self._closing = True, False, False
        self._announced = False  # a call of on_data is due
        self._resuming = False  # a call of _go_on is due
        self._losing = False  # a call of connection_lost is due
        self.is_lost = self.eof_written = self.was_aborted = False

    # The far end's side

    def arrive(self, data: bytes | None) -> None:
        self._arrived.append(data)
        if self._reading and not self._resuming:
            self._deliver()

    def flush(self) -> None:
        room = self._far_end.room
        taken = self._unsent if room is None else self._unsent[:room]
        if taken:
            self._far_end.received += taken
            self._far_end.room = None if room is None else room - len(taken)
            self._unsent = self._unsent[len(taken) :]
            self._announce()
        if self._write_paused and len(self._unsent) <= self._low:
            self._write_paused = False
            self._protocol.resume_writing()
        if self._closing and not self._unsent:
            self.lose(None)

    def lose(self, error: Exception | None) -> None:
        self._closing = True
        if not self._losing:
            self._losing = True
            self._loop.call_soon(self._lose, error)

    def _lose(self, error: Exception | None) -> None:
        self._unsent.clear()
        self._protocol.connection_lost(error)
        self.is_lost = True

    def drop(self) -> None:
        """Close without telling the protocol, as uvloop does when a wait for a connection is cancelled."""
        self._closing = self._losing = self.is_lost = True

    def _announce(self) -> None:
        if self._far_end.on_data is not None and not self._announced:
            self._announced = True
            self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        self._announced = False
        if self._far_end.on_data is not None:
            self._far_end.on_data(self._far_end)

    # asyncio.Transport

    def write(self, data: Any) -> None:
        if self.is_lost or self.eof_written:
            raise RuntimeError("write to a closed transport")
        if self._losing:
            return
        self._unsent += data
        self.flush()
        if len(self._unsent) > self._high and not self._write_paused:
            self._write_paused = True
            self._protocol.pause_writing()

    def write_eof(self) -> None:
        if self._closing:
            raise RuntimeError("write_eof on a closing transport")
        self.eof_written = True

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.flush()

    def abort(self) -> None:
        if not self.is_lost:
            self.was_aborted = True
            self.lose(None)

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        if self._closing:
            raise RuntimeError("pause_reading on a closing transport")
        self._reading = False

    def resume_reading(self) -> None:
        if self._closing:
            raise RuntimeError("resume_reading on a closing transport")
        self._reading = True
        if self._arrived and not self._resuming:
            self._resuming = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._resuming = False
        self._gather()
        self._deliver()

    def _gather(self) -> None:
        """Make one piece of those that came while nobody read: a kernel knows no pieces."""
        ended = bool(self._arrived) and self._arrived[-1] is None
        data = b"".join([piece for piece in self._arrived if piece is not None])
        self._arrived = deque([data] if data else [])
        if ended:
            self._arrived.append(None)

    def _deliver(self) -> None:
        while self._reading and self._arrived and not self._closing:
            data = self._arrived.popleft()
            if data is not None:
                self._protocol.data_received(data)
            elif not self._protocol.eof_received():
                self.close()

    def is_reading(self) -> bool:
        return self._reading

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 64 * 1024 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def get_protocol(self) -> Any:
        return self._protocol

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol


async def settle(turns: int = TURNS) -> None:
    """Let everything happen that is due."""
    for _ in range(turns):
        await asyncio.sleep(0)
