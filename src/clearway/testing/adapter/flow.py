"""Large bodies and slow ends: both ways at once, and never more in memory than is under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from clearway.plug.conn import Conn
from clearway.testing.adapter.parts import GET, Check, Serve, connected, same

__all__ = ["CHECKS"]

PIECE = bytes(range(256)) * 256  # 64 KiB
ECHOED = 64  # pieces, 4 MiB: more than both ends' sockets hold
ENDLESS = 2048  # pieces, 128 MiB: what an end that is never held back would take
HELD = 512  # pieces, 32 MiB: what sockets and buffers may hold at most (Linux gives a socket up to 6 MiB)


async def streams_both_ways_at_once(serve: Serve) -> None:
    """A request's body may be the response's, piece for piece."""
    async with connected(serve, lambda conn: conn.send_resp(200, conn.body)) as wire:
        head = f"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {ECHOED * len(PIECE)}\r\n\r\n"

        async def upload() -> None:
            await wire.send(head.encode())
            for _ in range(ECHOED):
                await wire.send(PIECE)

        sending = asyncio.create_task(upload())
        answer = await wire.response()
        await sending
        same((answer.is_whole, answer.body == PIECE * ECHOED), (True, True), "whole, and the same")


async def holds_back_a_body_for_a_slow_client(serve: Serve) -> None:
    """A generator is not asked for more than the client takes."""
    produced = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal produced
        while produced < ENDLESS:
            produced += 1
            yield PIECE

    async with connected(serve, lambda conn: conn.send_resp(200, pieces())) as wire:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio's socket transports do
        await wire.send(GET)
        await settled(lambda: produced)
        same(0 < produced < HELD, True, f"{produced} pieces for a client that reads nothing are few")


async def holds_back_a_client_for_a_slow_plug(serve: Serve) -> None:
    """A body that nobody reads stays with the client."""
    took = 0
    release = asyncio.Event()

    async def busy(conn: Conn) -> Conn:
        await release.wait()
        return conn.send_resp(200)

    async with connected(serve, busy) as wire:
        head = f"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {ENDLESS * len(PIECE)}\r\n\r\n"

        async def upload() -> None:
            nonlocal took
            await wire.send(head.encode())
            while took < ENDLESS:
                await wire.send(PIECE)
                took += 1

        sending = asyncio.create_task(upload())
        await settled(lambda: took)
        same(took < HELD, True, f"{took} pieces of an unread body are few")
        sending.cancel()
        release.set()


async def settled(count: Callable[[], int]) -> None:
    """Wait until `count` has grown and then stood still for a tenth of a second."""
    last, still = count(), 0
    while still < 5:
        await asyncio.sleep(0.02)
        still = still + 1 if count() == last and last else 0
        last = count()


CHECKS: tuple[Check, ...] = (
    streams_both_ways_at_once,
    holds_back_a_body_for_a_slow_client,
    holds_back_a_client_for_a_slow_plug,
)
