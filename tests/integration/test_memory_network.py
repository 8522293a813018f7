"""The network without sockets does what a real one does, on the same event loop."""

from __future__ import annotations

import asyncio
import socket

import uvloop

from tests.wire.memory import FarEnd, MemoryLoop

PIECES = [b"one", b"two", b"three"]


class Reader(asyncio.Protocol):
    """Keep every read."""

    def __init__(self) -> None:
        self.reads: list[bytes] = []
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.pause_reading()  # type: ignore[attr-defined]  # uvloop has it

    def data_received(self, data: bytes) -> None:
        self.reads.append(data)

    def eof_received(self) -> None:
        self.ended.set_result(self.reads)


async def reads_of_a_socket() -> list[bytes]:
    far_end, near_end = socket.socketpair()
    transport, reader = await asyncio.get_running_loop().create_connection(Reader, sock=near_end)
    for piece in PIECES:
        far_end.send(piece)
    far_end.close()
    transport.resume_reading()
    return await reader.ended


async def reads_of_the_memory() -> list[bytes]:
    reader = Reader()
    far_end = FarEnd(asyncio.get_running_loop(), reader, ("127.0.0.1", 1))
    for piece in PIECES:
        far_end.send(piece)
    far_end.send_eof()
    far_end.transport.resume_reading()
    return await reader.ended


def test_what_came_to_a_paused_reader_comes_as_one_read() -> None:
    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        memory = runner.run(reads_of_the_memory())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        real = runner.run(reads_of_a_socket())

    assert memory == real == [b"onetwothree"]
