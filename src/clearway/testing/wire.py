"""HTTP/1.1 over a socket, byte for byte as a test says it: no client library mends what is sent or read."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from clearway.plug.headers import Headers

__all__ = ["Wire", "WireResponse", "exchange"]


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What came back.

    Attributes:
        status: The status.
        headers: The header fields.
        body: The body, as far as it came, without its chunked coding.
        is_whole: Whether the body ended as its framing says. One that ends with the connection never tells.
        informed: The statuses of the interim responses before.
    """

    status: int
    headers: Headers
    body: bytes
    is_whole: bool
    informed: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Wire:
    """One connection to a server.

        async with Wire.to("127.0.0.1:8080") as wire:
            await wire.send(b"GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n")
            response = await wire.response()

    Plain HTTP only.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def to(cls, address: str) -> AsyncIterator[Wire]:
        """Connect to `host:port`, and abort the connection at the end of the block."""
        host, _, port = address.rpartition(":")
        wire = cls(*await asyncio.open_connection(host.strip("[]"), int(port)))
        try:
            yield wire
        finally:
            wire.abort()

    async def send(self, data: bytes) -> None:
        """Write `data`, and wait while the server does not read."""
        self.writer.write(data)
        await self.writer.drain()

    async def response(self, method: str = "GET") -> WireResponse:
        """Read the next final response, which answers `method`."""
        informed: list[int] = []
        status, headers = await self._head()
        while 100 <= status < 200:
            informed.append(status)
            status, headers = await self._head()
        bodiless = method == "HEAD" or status in (204, 304)
        body, is_whole = (b"", True) if bodiless else await self._body(headers)
        return WireResponse(status, headers, body, is_whole, tuple(informed))

    async def is_closed(self) -> bool:
        """Wait for the server to close or to say something; tell whether it closed."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True

    def abort(self) -> None:
        """Reset the connection: the server hears that the client is gone, not that it has said all."""
        if self.writer.transport.is_closing():
            return
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def _head(self) -> tuple[int, Headers]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        fields = [line.partition(b":")[::2] for line in lines]
        headers = Headers(tuple((name.lower(), value.strip()) for name, value in fields))
        return int(first.split(b" ")[1]), headers

    async def _body(self, headers: Headers) -> tuple[bytes, bool]:
        """Return the body as far as it comes, and whether it ended as its framing says."""
        pieces: list[bytes] = []
        try:
            if headers.get("transfer-encoding") == "chunked":
                while size := int((await self._line()).partition(b";")[0], 16):
                    await self._exactly(size, pieces)
                    await self._line()
                while await self._line():
                    pass  # trailers
            elif (length := headers.get("content-length")) is not None:
                await self._exactly(int(length), pieces)
            else:
                pieces.append(await self.reader.read())
                return pieces[0], False
        except (asyncio.IncompleteReadError, ConnectionError):
            return b"".join(pieces), False
        return b"".join(pieces), True

    async def _line(self) -> bytes:
        return (await self.reader.readuntil(b"\r\n"))[:-2]

    async def _exactly(self, size: int, pieces: list[bytes]) -> None:
        while size:
            piece = await self.reader.read(size)
            if not piece:
                raise asyncio.IncompleteReadError(b"", size)
            pieces.append(piece)
            size -= len(piece)


async def exchange(address: str, request: bytes) -> WireResponse:
    """Send one request on a connection of its own, and return the response."""
    async with Wire.to(address) as wire:
        await wire.send(request)
        return await wire.response(request.partition(b" ")[0].decode())
