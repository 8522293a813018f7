# Writing at the end of a turn.
#
# Theory of operation
# -------------------
# A turn of the event loop reads from every socket that has something, and each read ends in a write somewhere
# else. Written at once, every message wakes whoever waits for it, and sends the processor through the sending
# side of the kernel and back. Kept to the end of the turn, messages go out one after the other: the first
# wakes the other side, which then finds the rest. At saturation that is a seventh of the time that a request
# takes; a single request waits for nothing but its own turn, and for callbacks that were ready before it.
#
# Rule 1: a connection keeps one small message at most. What is larger, or comes second, goes out at once.
# Rule 2: what a connection keeps goes out before anything else that it does to its transport.
"""Writing at the end of a turn of the event loop."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from contextvars import Context
from typing import Protocol

__all__ = ["MOST_KEPT", "Late", "Outbox", "Writer"]

MOST_KEPT = 16 * 1024
"""Bytes of a message that may wait: thousands of connections could keep one each."""

_RESET = struct.pack("ii", 1, 0)  # linger for no time: the kernel sends RST

log = logging.getLogger("clearway.http")


class Late(Protocol):
    """A connection that keeps a message."""

    def flush(self) -> None:
        """Send it, if the connection is still open."""


class Outbox:
    """Flush connections at the end of the turn at hand.

        outbox.add(connection)       # `connection.flush()` is called before the loop waits for sockets again

    One event loop, one thread.
    """

    __slots__ = ("_context", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[Late] = []
        self._context = Context()  # one of its own: what is flushed is of many requests

    def add(self, connection: Late) -> None:
        """Flush `connection` at the end of the turn."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush, context=self._context)
        self._waiting.append(connection)

    def flush(self) -> None:
        """Flush every connection that waits."""
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            try:
                connection.flush()
            except Exception:
                log.exception("%r could not be written to", connection)

    def __repr__(self) -> str:
        return f"<Outbox {len(self._waiting)} waiting>"


class Writer:
    """The sending side of a connection: at once, or late."""

    __slots__ = ("_kept", "_outbox", "transport")

    transport: asyncio.Transport

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._kept = b""

    def write(self, data: bytes) -> None:
        """Send `data`, behind what is kept."""
        if self._kept:
            self.flush()
        self.transport.write(data)

    def write_late(self, data: bytes) -> None:
        """Send `data` at the end of the turn, or at once if it is large or not the first."""
        if self._kept or len(data) > MOST_KEPT:
            self.write(data)
        else:
            self._kept = data
            self._outbox.add(self)

    def flush(self) -> None:
        """Send what is kept, if the connection is still open."""
        data, self._kept = self._kept, b""
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def abort(self) -> None:
        """Close at once; what was not sent is lost."""
        self.transport.abort()

    def reset(self) -> None:
        """Close with a reset: a client for which the end of the connection is the end of the body sees that
        this one was not, even if it loses what it has not read."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()
