"""Every way in which a request breaks off, each as one function: the client's ways and the upstream's."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from clearway.plug import Conn

__all__ = ["WAYS", "Way", "break_off", "think"]

_RESET = struct.pack("ii", 1, 0)
_BODY = b"x" * 30_000


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be an upstream that does what the path says."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].rpartition(b"/")[2]
        writer.write(_ANSWERS.get(path, b""))
        if path in (b"closes", b"dies"):
            return
        if path == b"endless":
            while True:
                writer.write(_BODY)
                await writer.drain()
        if path == b"hangs":
            await reader.read()  # until it is left


_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
_ANSWERS = {
    b"ok": _OK,
    b"dies": b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
    b"garbage": b"\x16\x03\x01\x02\x00\x01",
    b"conflicting": _OK.replace(b": 2", b": 2\r\ncontent-length: 3"),
    b"twice": _OK + _OK,
    b"endless": b"HTTP/1.1 200 OK\r\n\r\n",
}


async def think(conn: Conn) -> Conn:
    """A plug that waits, for paths that say so: then a task stands before the proxy."""
    await asyncio.sleep(0)
    return conn


class Client:
    """One connection, which ends with a reset."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._sock = socket.socket()

    async def __aenter__(self) -> Client:
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        await self._loop.sock_connect(self._sock, ("127.0.0.1", self._port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sock.close()

    async def send(self, data: bytes) -> None:
        await self._loop.sock_sendall(self._sock, data)

    async def receive(self) -> bytes:
        return await self._loop.sock_recv(self._sock, 65_536)

    def shrink(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def half_close(self) -> None:
        self._sock.shutdown(socket.SHUT_WR)

    async def receive_all(self) -> bytes:
        """Read until the other side closes; a reset is an end too."""
        received = b""
        try:
            while data := await self.receive():
                received += data
        except ConnectionError:
            pass
        return received


Way = Callable[[Client, str], Awaitable[None]]
"""Ask for a path below a prefix, and break off."""


def _get(prefix: str, path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET /{prefix}/{path} HTTP/1.1", "host: a", *fields, "", ""]).encode()


def _post(prefix: str, path: str, *fields: str) -> bytes:
    return _get(prefix, path, *fields).replace(b"GET", b"POST")


def _upstream_fails(path: str) -> Way:
    async def way(client: Client, prefix: str) -> None:
        await client.send(_get(prefix, path))
        assert await client.receive()

    return way


async def _goes_within_head(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "ok")[:-2])


async def _goes_while_waiting(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "hangs"))
    await asyncio.sleep(0.001)


async def _goes_at_once(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "hangs"))


async def _closes_while_waiting(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "hangs"))
    client.half_close()
    await client.receive_all()


async def _goes_within_body(client: Client, prefix: str) -> None:
    await client.send(_post(prefix, "hangs", "content-length: 60000") + _BODY)
    await asyncio.sleep(0.001)


async def _goes_within_chunks(client: Client, prefix: str) -> None:
    await client.send(_post(prefix, "hangs", "transfer-encoding: chunked") + b"7530\r\n" + _BODY)
    await asyncio.sleep(0)


async def _goes_before_100(client: Client, prefix: str) -> None:
    await client.send(_post(prefix, "hangs", "content-length: 9", "expect: 100-continue"))
    assert b"100 Continue" in await client.receive()


async def _goes_within_download(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "endless"))
    await client.receive()


async def _goes_within_pipeline(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "ok") * 3 + _get(prefix, "hangs") * 3)
    await client.receive()


async def _sends_garbage(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "ok")[:-2] + b"x : y\r\n\r\n")
    assert b" 400 " in await client.receive_all()


async def _sends_broken_chunks(client: Client, prefix: str) -> None:
    await client.send(_post(prefix, "hangs", "transfer-encoding: chunked") + b"5\r\nhello\r\nzz\r\n")
    assert b" 400 " in await client.receive_all()


async def _is_slow_with_head(client: Client, prefix: str) -> None:
    await client.send(_get(prefix, "ok")[:-2])
    assert b" 408 " in await client.receive_all()


async def _is_slow_with_body(client: Client, prefix: str) -> None:
    await client.send(_post(prefix, "hangs", "content-length: 9") + b"hel")
    assert b" 408 " in await client.receive_all()


async def _never_reads(client: Client, prefix: str) -> None:
    client.shrink()
    await client.send(_get(prefix, "endless"))
    await asyncio.sleep(0.2)


# What, how, and how many of 20,000; those that wait or move much are fewer.
WAYS: dict[str, tuple[Way, int]] = {
    "the upstream refuses": (_upstream_fails("refuses"), 1500),
    "the upstream closes early": (_upstream_fails("closes"), 1500),
    "the upstream dies within its body": (_upstream_fails("dies"), 1500),
    "the upstream sends garbage": (_upstream_fails("garbage"), 1500),
    "the upstream sends conflicting lengths": (_upstream_fails("conflicting"), 1500),
    "the upstream answers twice": (_upstream_fails("twice"), 1500),
    "the upstream never answers": (_upstream_fails("hangs"), 800),
    "the client goes within its head": (_goes_within_head, 1500),
    "the client goes at once": (_goes_at_once, 1500),
    "the client goes while it waits": (_goes_while_waiting, 1500),
    "the client closes while it waits": (_closes_while_waiting, 400),
    "the client goes within its body": (_goes_within_body, 1000),
    "the client goes within its chunks": (_goes_within_chunks, 1000),
    "the client goes after 100 Continue": (_goes_before_100, 500),
    "the client goes within a download": (_goes_within_download, 1000),
    "the client goes within a pipeline": (_goes_within_pipeline, 500),
    "the client sends garbage": (_sends_garbage, 500),
    "the client sends broken chunks": (_sends_broken_chunks, 300),
    "the client is slow with its head": (_is_slow_with_head, 200),
    "the client is slow with its body": (_is_slow_with_body, 200),
    "the client never reads": (_never_reads, 100),
}


async def abort(way: Way, port: int, prefix: str) -> None:
    """Connect, and break off in one way."""
    async with Client(port) as client:
        await way(client, prefix)
