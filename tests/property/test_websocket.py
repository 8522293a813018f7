"""What a client sends comes out whole, however it is cut; what it must not send ends the socket, and no more.

Invariant: frames cut in any way give the messages that they hold, and any bytes at all end in a close code.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from clearway.http import Deadlines
from clearway.http.websocket import WebSocket, WebSocketLimits

MESSAGES = st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=6)


class Ear:
    """A receiver that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str | bytes] = []
        self.codes: list[int] = []

    def message_arrived(self, message: str | bytes) -> None:
        self.messages.append(message)

    def writing_resumed(self) -> None: ...

    def closed(self, code: int, reason: str) -> None:
        self.codes.append(code)


class Wire(asyncio.Transport):
    """A transport that takes everything."""

    is_closed = False

    def write(self, data: Any) -> None:
        assert not self.is_closed

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def resume_reading(self) -> None: ...


async def told(pieces: list[bytes], **limits: Any) -> Ear:
    """Return what a receiver is told when `pieces` arrive one after the other, and then the end."""
    ear, wire, deadlines, left = Ear(), Wire(), Deadlines(), []
    socket = WebSocket(Protocol(Side.SERVER, max_size=1000), [], WebSocketLimits(**limits), ear)
    socket.took_over(wire, b"", deadlines, lambda *ending: left.append(ending))
    for piece in pieces:
        if not wire.is_closed:
            socket.data_received(piece)
    socket.connection_lost(None)
    assert len(left) == 1
    assert len(deadlines) == 0
    return ear


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


def frames_of(message: str | bytes, parts: int) -> bytes:
    data = message.encode() if isinstance(message, str) else message
    first = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
    step = len(data) // parts + 1
    pieces = [data[at : at + step] for at in range(0, len(data), step)] or [b""]
    return b"".join(
        Frame(first if number == 0 else Opcode.CONT, piece, fin=number == len(pieces) - 1).serialize(
            mask=True
        )
        for number, piece in enumerate(pieces)
    )


@given(messages=MESSAGES, parts=st.integers(1, 4), places=st.lists(st.integers(0, 5000), max_size=12))
def test_messages_come_out_whole_however_they_are_cut(
    messages: list[str | bytes], parts: int, places: list[int]
) -> None:
    data = b"".join(frames_of(message, parts) for message in messages)

    ear = asyncio.run(told(cut(data, places)))

    assert (ear.messages, ear.codes) == (messages, [1006])


@given(data=st.binary(max_size=200), places=st.lists(st.integers(0, 200), max_size=8))
def test_any_bytes_end_the_socket_once(data: bytes, places: list[int]) -> None:
    whole, pieces = asyncio.run(told([data])), asyncio.run(told(cut(data, places)))

    assert len(whole.codes) == 1
    assert (whole.messages, whole.codes) == (pieces.messages, pieces.codes)
