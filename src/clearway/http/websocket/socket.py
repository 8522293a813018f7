# One WebSocket on its transport.
#
# The library decides what frames mean and what they look like; this file moves bytes, gathers fragments,
# keeps time, and tells a receiver. Each deadline is one number in `_due`; the earliest is the connection's.
#
# Ends. A close frame is answered with one, and then the server closes the connection; the receiver is told
# once, with the first code that was sent or came. 1006 stands for a connection that broke off.
"""One WebSocket on its transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol as Wire
from websockets.protocol import State

from clearway.http.deadlines import NEVER, Deadlines
from clearway.http.switching import Successor
from clearway.http.websocket.limits import WebSocketLimits

__all__ = ["Receiver", "WebSocket"]

_BROKEN, _INVALID_TEXT, _FAILED, _RESTART = 1006, 1007, 1011, 1012  # RFC 6455 section 7.4.1, and IANA's 1012
_PING = b"clearway"


class Receiver(Protocol):
    """What is told of a WebSocket."""

    def message_arrived(self, message: str | bytes) -> None:
        """A whole message came."""

    def writing_resumed(self) -> None:
        """The client has caught up: `is_write_paused` is False again."""

    def closed(self, code: int, reason: str) -> None:
        """It is over; said once."""


class _Due(Enum):
    PING, PONG, CLOSE, SEND = range(4)


class WebSocket(Successor):
    """Speak WebSocket with one client.

    Made by whoever accepts a handshake, and handed to the connection with `switched`.

    Options:
        wire: The protocol, from `accept_websocket`.
        lines: Header lines for the head of the 101.
        limits: What the client may take.
        receiver: Told what comes.
    """

    transport: asyncio.Transport | None = None  # until the connection was taken over

    def __init__(
        self, wire: Wire, lines: list[tuple[bytes, bytes]], limits: WebSocketLimits, receiver: Receiver
    ) -> None:
        self.lines = lines
        self.deadline = NEVER
        self.is_write_paused = True  # until the connection was taken over
        self._wire, self._limits, self._receiver = wire, limits, receiver
        self._due: dict[_Due, float] = {}
        self._pieces: list[bytes] = []  # of a message in fragments
        self._is_text = False
        self._is_told = False
        self._is_read_paused = False
        self._sent = 0
        self._deadlines: Deadlines | None = None

    # What the app says

    def send(self, message: str | bytes) -> None:
        """Send a message; nothing happens once the socket is closing."""
        if self._wire.state is not State.OPEN:
            return
        if isinstance(message, str):
            self._wire.send_text(message.encode())
        else:
            self._wire.send_binary(message)
        self._write()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, and give the client time to agree."""
        if self._wire.state is State.OPEN:
            self._wire.send_close(code, reason)
            self._set(_Due.CLOSE, self._limits.close_s)
            self.resume_reading()  # its close frame must be seen
            self._write()
        self._tell(code, reason)

    def pause_reading(self) -> None:
        """Stop reading: the app is slow. The client is not asked for pongs meanwhile."""
        if self.transport is not None and not self._is_read_paused and not self.transport.is_closing():
            self._is_read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        if self.transport is not None and self._is_read_paused and not self.transport.is_closing():
            self._is_read_paused = False
            self.transport.resume_reading()
            if _Due.PONG in self._due:
                self._set(_Due.PONG, self._limits.ping_timeout_s)

    # Successor

    def took_over(
        self,
        transport: asyncio.Transport,
        arrived: bytes,
        deadlines: Deadlines,
        left: Callable[[Exception | None, str, int], None],
    ) -> None:
        """Begin, and send what the app has sent since it accepted."""
        self.transport, self._deadlines, self._left = transport, deadlines, left
        deadlines.add(self)
        self.is_write_paused = False
        if self._wire.state is State.OPEN:
            self._set(_Due.PING, self._limits.ping_interval_s)
        else:
            self._set(_Due.CLOSE, self._limits.close_s)
        self._write()
        if not self.is_write_paused:
            self._receiver.writing_resumed()
        if arrived:
            self.data_received(arrived)

    def go_away(self) -> None:
        """Close: the server stops, and may be back soon."""
        self.close(_RESTART, "the server stops")

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        wire = self._wire
        wire.receive_data(data)
        for event in wire.events_received():
            if isinstance(event, Frame):
                self._frame_came(event)
        if wire.parser_exc is not None and wire.close_sent is not None:
            self._tell(wire.close_sent.code, wire.close_sent.reason)
        self._write()

    def eof_received(self) -> None:
        """The client closed its sending side: there is nothing to wait for."""

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadlines is not None:
            self._deadlines.discard(self)
        self._due.clear()
        is_clean = self._wire.close_rcvd is not None or self._wire.close_sent is not None
        self._tell(_BROKEN, "")
        self._left(exc, "complete" if is_clean else "client_closed", self._sent)

    def pause_writing(self) -> None:
        self.is_write_paused = True
        self._set(_Due.SEND, self._limits.send_s)

    def resume_writing(self) -> None:
        self.is_write_paused = False
        self._set(_Due.SEND, 0)
        self._receiver.writing_resumed()

    # Frames

    def _frame_came(self, frame: Frame) -> None:
        opcode = frame.opcode
        if opcode is Opcode.TEXT or opcode is Opcode.BINARY:
            self._is_text = opcode is Opcode.TEXT
            if frame.fin:
                self._message_came(bytes(frame.data))
            else:
                self._pieces = [bytes(frame.data)]
        elif opcode is Opcode.CONT:
            self._pieces.append(bytes(frame.data))
            if frame.fin:
                pieces, self._pieces = self._pieces, []
                self._message_came(b"".join(pieces))
        elif opcode is Opcode.PONG:
            self._set(_Due.PONG, 0)
            self._set(_Due.PING, self._limits.ping_interval_s)
        elif opcode is Opcode.CLOSE and self._wire.close_rcvd is not None:
            self._tell(self._wire.close_rcvd.code, self._wire.close_rcvd.reason)

    def _message_came(self, data: bytes) -> None:
        if self._is_told:
            return  # closing: who reads on would read for nobody
        if not self._is_text:
            self._receiver.message_arrived(data)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            if self._wire.state is State.OPEN:
                self._wire.fail(_INVALID_TEXT, "text that is not UTF-8")
            self._tell(_INVALID_TEXT, "text that is not UTF-8")
        else:
            self._receiver.message_arrived(text)

    def _write(self) -> None:
        """Write what the library wants sent; an empty piece is the end."""
        transport = self.transport
        if transport is None:
            return
        out = self._wire.data_to_send()
        if not out or transport.is_closing():
            return
        data = out[0] if len(out) == 1 else b"".join(out)
        if data:
            self._sent += len(data)
            transport.write(data)
        if not out[-1]:
            transport.close()
            self._set(_Due.SEND, self._limits.send_s)  # for what waits to be flushed

    def _tell(self, code: int, reason: str) -> None:
        if not self._is_told:
            self._is_told = True
            self._set(_Due.PING, 0)
            self._set(_Due.PONG, 0)
            self._receiver.closed(code, reason)

    # Deadlines

    def _set(self, due: _Due, seconds: float) -> None:
        if self._deadlines is None:
            return
        if seconds:
            self._due[due] = self._deadlines.now + seconds
        else:
            self._due.pop(due, None)
        self.deadline = min(self._due.values(), default=NEVER)

    def expired(self) -> None:
        """Act on what is due."""
        if self._deadlines is None or self.transport is None:
            return
        due = {each for each, when in self._due.items() if when <= self._deadlines.now}
        if due & {_Due.CLOSE, _Due.SEND}:
            self.transport.abort()
        elif _Due.PONG in due and not self._is_read_paused:
            self._wire.fail(_FAILED, "no pong came")
            self._tell(_FAILED, "no pong came")
            self._write()
        elif _Due.PING in due and self._wire.state is State.OPEN:
            self._wire.send_ping(_PING)
            self._set(_Due.PING, 0 if self._limits.ping_timeout_s else self._limits.ping_interval_s)
            self._set(_Due.PONG, self._limits.ping_timeout_s)
            self._write()
        else:
            self._set(_Due.PONG, self._limits.ping_timeout_s)

    def __repr__(self) -> str:
        return f"<WebSocket {self._wire.state.name.lower()}, {self._sent} bytes sent>"
