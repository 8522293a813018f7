"""What the checks are made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from clearway.plug.conn import Conn, Sent
from clearway.plug.pipeline import Pipeline, Plug
from clearway.testing.wire import Wire, WireResponse, exchange

__all__ = ["GET", "Check", "Endings", "Serve", "answer_of", "connected", "ok", "post", "same"]

Serve = Callable[[Plug], AbstractAsyncContextManager[str]]
"""Serves a plug for the length of a block, and gives the address: `host:port`."""

Check = Callable[[Serve], Awaitable[None]]

GET = b"GET / HTTP/1.1\r\nhost: example.org\r\n\r\n"


def post(body: bytes, path: str = "/") -> bytes:
    """Return a request with a body."""
    head = f"POST {path} HTTP/1.1\r\nhost: example.org\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def ok(conn: Conn) -> Conn:
    """Answer 200."""
    return conn.send_resp(200, "ok")


async def answer_of(serve: Serve, plug: Plug, request: bytes = GET) -> WireResponse:
    """Serve `plug`, ask it once, and return its answer."""
    async with serve(plug) as address:
        return await exchange(address, request)


@asynccontextmanager
async def connected(serve: Serve, *plugs: Plug) -> AsyncIterator[Wire]:
    """Serve `plugs`, and give a connection to them."""
    async with serve(Pipeline(*plugs)) as address, Wire.to(address) as wire:
        yield wire


def same(got: object, want: object, what: str) -> None:
    """Raise `AssertionError` unless both are equal."""
    if got != want:
        raise AssertionError(f"{what}: wanted {want!r}, got {got!r}")


class Endings:
    """A plug that learns how responses end."""

    def __init__(self) -> None:
        self.seen: list[tuple[Conn, Sent]] = []
        self._happened = asyncio.Event()

    def __call__(self, conn: Conn) -> Conn:
        return conn.register_after_send(self._note)

    def _note(self, conn: Conn, sent: Sent) -> None:
        self.seen.append((conn, sent))
        self._happened.set()

    async def one(self) -> tuple[Conn, Sent]:
        """Wait for a response to end, and return the only end that was told."""
        await self._happened.wait()
        await asyncio.sleep(0.02)  # a second telling would follow closely
        same(len(self.seen), 1, "times that the end was told")
        return self.seen[0]
