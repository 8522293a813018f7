# A server connection: requests in, responses out, in order.
#
# Theory of operation
# -------------------
# The reader parses what arrives and calls back; each head becomes an Exchange in `_queue`. One exchange is
# current at a time (HTTP/1.1 answers in order); when it ends, `_advance` takes the next. Bytes are given to
# the reader in slices, and none while a parsed request waits, so a client that pipelines thousands of
# requests in one packet costs the memory of one slice.
#
# Reading is paused for two reasons, which must not undo each other: a body whose consumer is slow, and
# requests that wait. `_pauses` keeps them apart.
#
# Ends. `close`: what was written is flushed, then the socket is closed. Linger: the answer went out before
# the request was complete; closing now would make the kernel send RST and destroy the answer on its way
# (RFC 9112 section 9.6), so our side is shut, and what still arrives is read and dropped for a while.
"""A server connection: requests in, responses out, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import cast

from clearway.http.acceptor import Acceptor
from clearway.http.deadlines import NEVER
from clearway.http.ends import ends_of
from clearway.http.exchange import Exchange
from clearway.http.outbox import Writer
from clearway.http.reader import RequestReader
from clearway.http.refusal import refusal_bytes
from clearway.http.switching import Successor
from clearway.plug import Conn, RequestError
from clearway.plug.headers import RawHeaders
from clearway.plug.stream import EMPTY

__all__ = ["ServerConnection"]

log = logging.getLogger("clearway.http")

_SLICE = 64 * 1024
_BODY, _QUEUE = 1, 2  # why reading is paused


class ServerConnection(Writer, asyncio.Protocol):
    """Serve one client's connection."""

    __slots__ = (
        "_advancing",
        "_current",
        "_eof",
        "_feeding",
        "_held",
        "_last",
        "_linger",
        "_pauses",
        "_queue",
        "_reader",
        "_refused",
        "_timing_head",
        "_write_paused",
        "deadline",
        "local",
        "peer",
        "plug",
        "scheme",
        "server",
        "successor",
    )

    def __init__(self, server: Acceptor) -> None:
        super().__init__(server.deadlines.outbox)
        self.server = server
        self.plug = server.plug
        self.peer: tuple[str, int] | None = None
        self.local: tuple[str, int | None] | None = None
        self.scheme = "http"
        self.deadline = NEVER
        self._reader = RequestReader(self, server.limits)
        self._queue: deque[Exchange] = deque()
        self._current: Exchange | None = None
        self._last: Exchange | None = None  # the newest, whose body may still arrive
        self._refused: RequestError | None = None
        self._held = b""
        self._feeding = False
        self._timing_head = False
        self._pauses = 0
        self._advancing = False
        self._write_paused = False
        self._eof = False
        self._linger = False
        self.successor: Successor | None = None  # what has taken the connection over

    # asyncio.Protocol

    def connection_made(self, made: asyncio.BaseTransport) -> None:
        # uvloop's transports are Transports in all but name.
        transport = self.transport = cast(asyncio.Transport, made)
        self.peer, self.local, self.scheme = ends_of(transport)
        self._reader.come_from(self.peer, self.scheme)
        transport.set_write_buffer_limits(high=self.server.limits.unsent_bytes)
        accepted = self.server.connection_opened(self)
        self.deadline = self._after(self.server.limits.header_read_s)
        if not accepted:
            self._refuse(RequestError(503, "too many connections"))

    def data_received(self, data: bytes) -> None:
        if self._linger or self._refused is not None:
            return
        if self._held or len(data) > _SLICE:
            self._held += data
            self._advance()
            return
        self._feed(data)
        if self._current is None or self._queue:
            self._advance()
        else:
            self._set_deadline()

    def eof_received(self) -> bool:
        self.flush()  # the transport may close when this returns
        self._eof = True
        last = self._last
        if last is not None and not last.body.is_ended():
            self._drop()
            self._close()
            return False
        if self._current is None and not self._queue:
            return False  # the transport closes
        self._set_deadline()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connection_closed(self)
        self._drop()

    def pause_writing(self) -> None:
        self._write_paused = True
        self.deadline = self._after(self.server.limits.send_s)
        if self._current is not None:
            self._current.writing_paused()

    def resume_writing(self) -> None:
        self._write_paused = False
        if self._current is not None:
            self._current.writing_resumed()
            self._set_deadline()
        else:
            self._advance()

    # The reader's Receiver

    def request_began(
        self, request: Conn, length: int | None, keep_alive: bool, expects_continue: bool
    ) -> None:
        self._last = exchange = Exchange(self, request, length, keep_alive, expects_continue)
        self._queue.append(exchange)

    def body_arrived(self, data: bytes) -> None:
        if self._last is not None:
            self._last.body.feed(data)

    def request_ended(self, trailers: RawHeaders) -> None:
        last = self._last
        if last is not None and last.body is not EMPTY:
            last.body.end(trailers)

    # Reading

    def _feed(self, data: bytes | memoryview) -> None:
        try:
            self._reader.feed(data)
        except RequestError as refusal:
            self._read_failed(refusal)
        except Exception:
            log.exception("reading a request failed")
            self._read_failed(RequestError(500, "the server failed"))

    def _read_failed(self, refusal: RequestError) -> None:
        self._refused = refusal
        last = self._last
        if last is not None and not last.body.is_ended():
            last.keep_alive = False
            last.body.fail(refusal)  # its plug hears of it, and answers

    def _may_feed(self) -> bool:
        if self._refused is not None or self._linger:
            return False
        return not self._pauses & _BODY if self._reader.in_body else not self._queue

    def _feed_held(self) -> None:
        if self._feeding:
            return
        self._feeding = True
        data = memoryview(self._held)
        at = 0
        while at < len(data) and self._may_feed():
            self._feed(data[at : at + _SLICE])
            at += _SLICE
        self._held = bytes(data[at:])
        self._feeding = False

    def _advance(self) -> None:
        """Start what can start: a loop and not a recursion, because an exchange may end before it returns."""
        if self._advancing:
            return
        self._advancing = True
        queue = self._queue
        while True:
            if queue and self._current is None and not self._write_paused:
                self._current = exchange = queue.popleft()
                exchange.start()
            elif self._held and self._may_feed():
                self._feed_held()
            else:
                break
        self._advancing = False
        if self._refused is not None and self._current is None:
            self._refuse_request(self._refused)
        if queue or self._held:
            self._pause(_QUEUE)
        elif self._pauses & _QUEUE:
            self._unpause(_QUEUE)
        self._set_deadline()

    def _refuse_request(self, refusal: RequestError) -> None:
        if not self._linger:
            self.server.request_refused(self.peer, refusal)
        self._refuse(refusal)

    def _refuse(self, refusal: RequestError) -> None:
        self._refused = refusal
        if not self._linger and not self.transport.is_closing():
            self.write(refusal_bytes(refusal, to_head=self._reader.is_answering_head()))
            self._close_gently()

    def pause_body(self) -> None:
        """Stop reading: a body's consumer is slow."""
        self._pause(_BODY)
        self._set_deadline()

    def resume_body(self) -> None:
        """Go on reading a body."""
        self._unpause(_BODY)
        if self._held:
            self._advance()
        else:
            self._set_deadline()

    def _pause(self, reason: int) -> None:
        if not self._pauses and not self.transport.is_closing():
            self.transport.pause_reading()
        self._pauses |= reason

    def _unpause(self, reason: int) -> None:
        if self._pauses == reason and not self.transport.is_closing():
            self.transport.resume_reading()
        self._pauses &= ~reason

    # Writing, for the exchange

    def is_write_paused(self) -> bool:
        """Tell whether more than `unsent_bytes` wait for the client."""
        return self._write_paused

    def write_whole(self, data: bytes) -> None:
        """Send a whole response: late, unless requests wait, of which each must see how much is unsent."""
        if self._queue or self._held or self._write_paused:
            self.write(data)
        else:
            self.write_late(data)

    def abort_after_flush(self) -> None:
        """Send what was written, then close, so that the client sees a response break off."""
        self._close()

    def exchange_ended(self, exchange: Exchange) -> None:
        """Go on with the next request, or close."""
        if exchange is not self._current:
            return
        self._current = None
        if self._linger:
            return
        if exchange is self._last and self._reader.kept is not None:  # it did not switch protocols
            self._held = self._reader.take_kept() + self._held
        if not exchange.keep_alive:
            self._queue.clear()
            self._close_gently()
        elif self._eof and not self._queue:
            self._close()
        elif self._advancing:
            return
        elif self._queue or self._held or self._pauses or self._refused is not None:
            self._advance()
        else:
            self._set_deadline()  # the usual end: nothing waits

    def leave_to(self, successor: Successor) -> bytes:
        """Let `successor` have the connection from now on; return what came behind the request already."""
        self._current, self.successor, self.deadline = None, successor, NEVER
        self.flush()
        self.transport.set_protocol(successor)
        if self._pauses:
            self.transport.resume_reading()
        return self._reader.take_kept() + self._held

    # Ending

    def _close(self) -> None:
        """Send what was written, then close; a client that does not take it in time is cut off."""
        self._linger = True
        self._held = b""
        self._queue.clear()  # nobody could be told how these went
        self.flush()
        self.transport.close()
        self.deadline = self._after(self.server.limits.send_s)

    def _close_gently(self) -> None:
        self._held = b""
        last = self._last
        is_read = self._refused is None and (last is None or last.body.is_ended())
        if is_read or self.transport.is_closing():
            self._close()
            return
        self._linger = True
        self.flush()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if self._pauses:
            self._pauses = 0
            self.transport.resume_reading()
        self.deadline = self._after(self.server.limits.linger_s)

    def close_if_idle(self) -> None:
        """Close unless a request is being read or answered; who took the connection over goes by itself."""
        if self.successor is not None:
            self.successor.go_away()
        elif self._current is None and not self._queue and not self._reader.in_head and not self._linger:
            self._close()

    def _drop(self) -> None:
        current, self._current = self._current, None
        self._queue.clear()
        self._held = b""
        self.deadline = NEVER
        if current is not None:
            current.client_closed()

    # Deadlines

    def _after(self, seconds: float) -> float:
        return self.server.deadlines.now + seconds

    def _set_deadline(self) -> None:
        if self._linger or self._write_paused:
            return
        current, limits = self._current, self.server.limits
        if self._reader.in_head:
            # Set when the head began and left alone, so that a byte now and then does not extend it.
            if not self._timing_head:
                self._timing_head = True
                self.deadline = self._after(limits.header_read_s)
            return
        self._timing_head = False
        if current is None:
            self.deadline = self.server.deadlines.now + limits.idle_s
        elif not (current.body is EMPTY or current.body.is_ended()):
            self.deadline = NEVER if self._pauses & _BODY else self._after(limits.body_read_s)
        elif self._eof and not current.responding:
            self.deadline = self._after(limits.half_close_s)
        else:
            self.deadline = NEVER

    def expired(self) -> None:
        """Act on the deadline, by what was being waited for."""
        current = self._current
        if self._linger or self._write_paused or self._eof:
            self.transport.abort()
        elif current is not None and not current.body.is_ended():
            self._refused = RequestError(408, "the request body took too long")
            self.deadline = self._after(self.server.limits.linger_s)
            current.keep_alive = False
            current.body.fail(self._refused)
        elif current is None and self._reader.in_head:
            self._refuse_request(RequestError(408, "the request head took too long"))
        else:
            self._close()

    def __repr__(self) -> str:
        state = "closing" if self._linger else "busy" if self._current else "idle"
        return f"<ServerConnection {self.peer} {state}, {len(self._queue)} queued>"
