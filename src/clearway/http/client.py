# A client connection: one request out, one response in, again and again.
#
# Theory of operation
# -------------------
# httptools' callbacks only collect, and do it in C; after each read `_deliver` looks at what there is. A
# response that came whole in one read is handed over as bytes, which the proxy writes with one call: that is
# the usual case and the fast one. Otherwise the head is handed over with a Stream that later reads feed.
#
# A connection goes back to its pool only if the response was complete and kept alive, the request had been
# sent whole, and not one byte too many came. Bytes nobody asked for close it: the next client must never
# get the answer to somebody else's question.
"""A client connection: one request out, one response in, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

import httptools

from clearway.http._messages import ResponseGatherer
from clearway.http.deadlines import NEVER, Deadlines
from clearway.http.errors import UpstreamClosedError, UpstreamProtocolError, UpstreamTimeoutError
from clearway.http.head import head_size
from clearway.http.limits import ClientLimits
from clearway.http.outbox import MOST_KEPT
from clearway.http.request_body import RequestBody
from clearway.http.response_head import ResponseHead, read_response_head
from clearway.http.trailers import safe_trailers
from clearway.plug import Headers, Stream

__all__ = ["ClientConnection", "ResponseReceiver"]


class ResponseReceiver(Protocol):
    """What waits for a response. Exactly one of `response_began` and `response_failed` is called."""

    def informed(self, status: int, headers: Headers) -> None:
        """An interim (1xx) response came."""

    def response_began(self, status: int, headers: Headers, body: bytes | Stream) -> None:
        """The final response came: its end-to-end fields, and its body whole or as a stream."""

    def response_failed(self, error: Exception, retriable: bool) -> None:
        """There will be no response; `retriable` if a reused connection died before its first byte."""


class ClientConnection(ResponseGatherer, asyncio.Protocol):
    """Speak HTTP/1.1 to one upstream, one exchange at a time.

    Options:
        limits: What the upstream may take.
        deadlines: The timer that holds the limits.
        released: Called when the connection is free again.
        closed: Called when the connection is gone.
        authority: The address as a Host header names it.
    """

    __slots__ = (
        "_body",
        "_closed",
        "_deadlines",
        "_kept",
        "_limits",
        "_receiver",
        "_released",
        "_request_body",
        "_reused",
        "_total",
        "_transport",
        "authority",
        "deadline",
    )

    _transport: asyncio.Transport

    def __init__(
        self,
        limits: ClientLimits,
        deadlines: Deadlines,
        released: Callable[[ClientConnection], None],
        closed: Callable[[ClientConnection], None],
        authority: bytes = b"",
    ) -> None:
        self.authority = authority
        self._limits = limits
        self._most_bytes, self._most_lines = limits.head_bytes, limits.header_count
        self._deadlines = deadlines
        self._released = released
        self._closed = closed
        self.deadline = NEVER
        self._total = NEVER
        self._reused = False
        self._kept = b""  # a request that goes out at the end of the turn
        self._receiver: ResponseReceiver | None = None
        self._request_body: RequestBody | None = None
        self._expects_body = True
        self._body: Stream | None = None
        self._parser = httptools.HttpResponseParser(self)

    def send(self, head: bytes, body: bytes | Stream, receiver: ResponseReceiver, expects_body: bool) -> None:
        """Send a request; `expects_body` is False for HEAD, whose response has none whatever it says.

        `head` holds the framing that fits `body`: Content-Length, or chunked if the stream's length is
        unknown.
        """
        self._receiver, self._expects_body = receiver, expects_body
        now, limits = self._deadlines.now, self._limits
        if limits.total_s is not None:
            self._total = now + limits.total_s
        if isinstance(body, bytes):
            self._write_late(head + body if body else head)
            self.deadline = now + limits.first_byte_s if limits.total_s is None else self._first_byte()
        else:
            self.deadline = self._total  # the time to the first byte counts from the request's end
            self._transport.write(head)
            self._request_body = sending = RequestBody(body, self._transport, self)
            body.attach(sending)

    def _write_late(self, message: bytes) -> None:
        if len(message) > MOST_KEPT:
            self._transport.write(message)
        else:
            self._kept = message
            self._deadlines.outbox.add(self)

    def flush(self) -> None:
        """Send the request that is kept, if the connection is still open (part of `Late`)."""
        message, self._kept = self._kept, b""
        if message and not self._transport.is_closing():
            self._transport.write(message)

    def _first_byte(self) -> float:
        return min(self._deadlines.now + self._limits.first_byte_s, self._total)

    def is_usable(self) -> bool:
        """Tell whether a request can be sent."""
        return self._receiver is None and not self._transport.is_closing()

    def cancel_exchange(self) -> None:
        """Give the exchange up: nobody waits for its answer."""
        self._receiver = None
        self._drop_request_body()
        self._transport.abort()

    def close(self) -> None:
        """Close an idle connection."""
        self._transport.close()

    # asyncio.Protocol

    def connection_made(self, made: asyncio.BaseTransport) -> None:
        # uvloop's transports are Transports in all but name.
        transport = self._transport = cast(asyncio.Transport, made)
        transport.set_write_buffer_limits(high=self._limits.unsent_bytes)
        self._deadlines.add(self)

    def data_received(self, data: bytes) -> None:
        if self._receiver is None and self._body is None:
            self._transport.abort()  # nobody asked
            return
        if self._kept:  # nobody can have asked either: the request has not been sent
            self._fail(UpstreamClosedError("the upstream sent an answer before the request"))
            return
        self._received(len(data))
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(UpstreamProtocolError("the upstream switched protocols, which nobody asked for"))
        except httptools.HttpParserError as error:
            self._parse_failed(error)
        else:
            self._deliver()
            if self._receiver is not None or self._body is not None:
                self._hold_framing()

    def _hold_framing(self) -> None:
        if self._overhead > self._most_bytes:
            self._fail(UpstreamProtocolError("the upstream sends more framing than the limits allow"))

    def _parse_failed(self, error: httptools.HttpParserError) -> None:
        cause = error.__context__
        if isinstance(error, httptools.HttpParserCallbackError) and isinstance(cause, Exception):
            self._fail(cause)
        elif self._complete:
            self._whole = True  # the garbage came after a complete response: deliver that, then close
            self._deliver()
        else:
            self._deliver()  # what came before the garbage
            self._fail(UpstreamProtocolError(f"the upstream's answer is not valid HTTP/1.1: {error}"))

    def eof_received(self) -> bool:
        head = self._head
        if head is not None and head.until_close and not self._complete:
            self._complete = True
            self._deliver()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadlines.discard(self)
        self.deadline = NEVER
        self._fail(UpstreamClosedError("the upstream closed the connection before its answer was complete"))
        self._closed(self)

    def pause_writing(self) -> None:
        if self._request_body is not None:
            self._request_body.stream.pause()
            self.deadline = min(self._deadlines.now + self._limits.idle_read_s, self._total)

    def resume_writing(self) -> None:
        if self._request_body is not None:
            self.deadline = self._total
            self._request_body.stream.resume()

    # Heads that are not plain

    def _read_head(self) -> None:
        """Read any head that is not plain (`_native/plain_response.c`)."""
        fields, _, framing, _ = self._take()  # what follows the body are trailers
        head = read_response_head(
            self._parser.get_status_code(),
            self._parser.get_http_version(),
            fields,
            framing,
            self._expects_body,
            self._limits,
        )
        if self._overhead > self._limits.head_bytes:  # all that was read bounds the head
            self._hold_head_limit(head_size(fields) + head_size(framing.items()))
        if head.status >= 200:
            self._head = head
            self._complete = not self._expects_body
        else:
            self._interim_came(head)

    def _interim_came(self, head: ResponseHead) -> None:
        if head.status == 101:
            raise UpstreamProtocolError("the upstream switched protocols, which nobody asked for")
        # All interim responses together are held to the size of one head, whose end might never come.
        self._interim += head_size(head.headers) + 32
        self._hold_head_limit(self._interim)
        if self._receiver is not None:
            self._receiver.informed(head.status, head.headers)

    def _hold_head_limit(self, size: int) -> None:
        if size > self._limits.head_bytes:
            raise UpstreamProtocolError("the upstream's response head is too large")
        self._overhead = size

    # The response

    def _deliver(self) -> None:
        """Hand over what has come: after a read, never inside the parser."""
        head, receiver = self._head, self._receiver
        if head is None:
            return
        if self._body is not None:
            self._feed_body(self._body)
        elif receiver is not None:
            self._receiver = None
            body = self._take_whole()
            if body is not None:
                self._finish(head)
                receiver.response_began(head.status, head.headers, body)
            else:
                stream = self._body = Stream(self, length=head.length)
                receiver.response_began(head.status, head.headers, stream)
                self._feed_body(stream)

    def _feed_body(self, stream: Stream) -> None:
        pieces = self._take_pieces()
        self.deadline = min(self._deadlines.now + self._limits.idle_read_s, self._total)
        for piece in pieces:  # which may pause us, and so lift the deadline
            stream.feed(piece)
        if self._body is not stream:
            return  # cancelled while it was fed
        if not self._complete or self._head is None:
            return
        fields, _, framing, _ = self._take()
        self._body = None
        self._finish(self._head, framing)
        stream.end(safe_trailers(fields))

    def _finish(self, head: ResponseHead, heeded: object = None) -> None:
        """The response is complete: keep the connection if it is clean; `heeded` are framing trailers."""
        clean = head.keep_alive and not self._whole and self._request_body is None
        # Trailers that speak of the connection are dropped, but llhttp may refuse the next answer for them.
        if not clean or heeded or self._transport.is_closing():
            self._retire()
            return
        if not self._expects_body:
            # llhttp waits for the body that HEAD's response announces: begin afresh.
            self._parser = httptools.HttpResponseParser(self)
        self._forget()
        self._reused = True
        self.deadline = self._deadlines.now + self._limits.pool_idle_s
        self._released(self)

    def _retire(self) -> None:
        """This connection takes no further request."""
        self._drop_request_body()
        self.deadline = NEVER
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        receiver, self._receiver = self._receiver, None
        body, self._body = self._body, None
        self._drop_request_body()
        self._transport.abort()
        if receiver is not None:
            gone = self._reused and not self._seen and isinstance(error, UpstreamClosedError)
            receiver.response_failed(error, gone)
        if body is not None:
            body.fail(error)

    def _drop_request_body(self) -> None:
        request_body, self._request_body = self._request_body, None
        if request_body is not None:
            request_body.cancel()

    # The request body's receiver

    def body_sent(self) -> None:
        """The request is complete: the time to its answer begins (part of `BodyReceiver`)."""
        self._request_body = None
        if self._receiver is not None:
            self.deadline = self._first_byte()

    def body_failed(self, error: Exception) -> None:
        """The request breaks off; the upstream must see that (part of `BodyReceiver`)."""
        self._request_body = None
        self._fail(error)

    # The response body's Source

    def pause(self) -> None:
        """Stop reading the response: its consumer is slow (part of `Source`)."""
        if not self._transport.is_closing():
            self._transport.pause_reading()
            self.deadline = self._total

    def resume(self) -> None:
        """Go on reading the response (part of `Source`)."""
        if not self._transport.is_closing():
            self._transport.resume_reading()
            if self._body is not None:
                self.deadline = min(self._deadlines.now + self._limits.idle_read_s, self._total)

    def cancel(self) -> None:
        """Nobody wants the rest of the response (part of `Source`)."""
        self._body = None
        self._drop_request_body()
        self._transport.abort()

    # Deadlines

    def expired(self) -> None:
        """The upstream took too long, or the connection was idle too long."""
        if self._receiver is not None or self._body is not None:
            self._fail(UpstreamTimeoutError("the upstream took too long to answer"))
        else:
            self._transport.close()
        self.deadline = NEVER

    def __repr__(self) -> str:
        state = "busy" if self._receiver or self._body else "idle"
        return f"<ClientConnection {state}{' reused' if self._reused else ''}>"
