# A client connection: one request out, one response in, again and again.
#
# Theory of operation
# -------------------
# httptools' callbacks only collect; after each read `_deliver` looks at what there is. A response that came
# whole in one read is handed over as bytes, which the proxy writes with one call: that is the usual case and
# the fast one. Otherwise the head is handed over with a Stream that later reads feed.
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

from clearway.http.deadlines import NEVER, Deadlines
from clearway.http.encode import LAST_CHUNK, chunk, last_chunk
from clearway.http.errors import UpstreamClosedError, UpstreamProtocolError, UpstreamTimeoutError
from clearway.http.head import Raw
from clearway.http.limits import ClientLimits
from clearway.http.response_reader import ResponseHead, read_response_head
from clearway.plug import Stream
from clearway.plug.headers import RawHeaders

__all__ = ["ClientConnection", "ResponseReceiver"]


class ResponseReceiver(Protocol):
    """What waits for a response. Exactly one of `response_began` and `response_failed` is called."""

    def informed(self, head: ResponseHead) -> None:
        """An interim (1xx) response came."""

    def response_began(self, head: ResponseHead, body: bytes | Stream) -> None:
        """The final response came: its body whole, or as a stream."""

    def response_failed(self, error: Exception, retriable: bool) -> None:
        """There will be no response; `retriable` if a reused connection died before its first byte."""


class ClientConnection(asyncio.Protocol):
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
        "_complete",
        "_deadlines",
        "_expects_body",
        "_fields",
        "_head",
        "_head_fed",
        "_limits",
        "_parser",
        "_pieces",
        "_receiver",
        "_released",
        "_request_body",
        "_reused",
        "_seen",
        "_total",
        "_transport",
        "_whole",
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
        self._deadlines = deadlines
        self._released = released
        self._closed = closed
        self.deadline = NEVER
        self._total = NEVER
        self._reused = False
        self._receiver: ResponseReceiver | None = None
        self._request_body: Stream | None = None
        self._expects_body = True
        self._body: Stream | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self._head: ResponseHead | None = None
        self._fields: Raw = []
        self._pieces: list[bytes] = []
        self._head_fed = 0  # bytes read while the head was not complete
        self._complete = False
        self._seen = False  # a byte of the response came
        self._whole = False  # a response is complete, the next one has no asker

    def send(
        self, head: bytes, body: bytes | Stream, receiver: ResponseReceiver, *, expects_body: bool
    ) -> None:
        """Send a request; `expects_body` is False for HEAD, whose response has none whatever it says.

        `head` holds the framing that fits `body`: Content-Length, or chunked if the stream's length is
        unknown.
        """
        self._receiver, self._expects_body = receiver, expects_body
        now, limits = self._deadlines.now, self._limits
        self._total = NEVER if limits.total_s is None else now + limits.total_s
        self.deadline = min(now + limits.first_byte_s, self._total)
        if isinstance(body, Stream):
            self._request_body = body
            self._transport.write(head)
            body.attach(self)
        else:
            self._transport.write(head + body if body else head)

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
        self._seen = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(UpstreamProtocolError("the upstream switched protocols, which nobody asked for"))
        except httptools.HttpParserError as error:
            self._parse_failed(error)
        else:
            self._deliver()
            if self._head is None and self._receiver is not None:
                self._hold_head_limit(len(data))

    def _hold_head_limit(self, read: int) -> None:
        self._head_fed += read
        if self._head_fed > self._limits.head_bytes:
            self._fail(UpstreamProtocolError("the upstream's response head is too large"))

    def _parse_failed(self, error: httptools.HttpParserError) -> None:
        cause = error.__context__
        if isinstance(cause, UpstreamProtocolError):
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
            self._request_body.pause()

    def resume_writing(self) -> None:
        if self._request_body is not None:
            self._request_body.resume()

    # httptools' callbacks

    def on_message_begin(self) -> None:
        if self._complete:
            self._whole = True
        else:
            self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._whole:
            self._fields.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self._whole:
            return
        parser, fields = self._parser, self._fields
        head = read_response_head(
            parser.get_status_code(), parser.get_http_version(), fields, self._expects_body, self._limits
        )
        self._fields = []  # what follows the body are trailers
        self._head = head
        if head.status < 200:
            self._head = None
            if self._receiver is not None:
                self._receiver.informed(head)
        elif not self._expects_body:
            self._complete = True

    def on_body(self, data: bytes) -> None:
        if self._complete:
            self._whole = True
        else:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if self._head is not None:
            self._complete = True

    # The response

    def _deliver(self) -> None:
        """Hand over what has come: after a read, never inside the parser."""
        head = self._head
        if head is None:
            return
        if self._body is not None:
            self._feed_body(self._body)
            return
        receiver = self._receiver
        if receiver is None:
            return
        self._receiver = None
        if self._complete:
            pieces = self._pieces
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            if self._fields:  # trailers need a stream to travel on
                self._deliver_with_trailers(receiver, head, body)
            else:
                self._finish()
                receiver.response_began(head, body)
            return
        stream = self._body = Stream(self, length=head.length)
        receiver.response_began(head, stream)
        self._feed_body(stream)

    def _deliver_with_trailers(self, receiver: ResponseReceiver, head: ResponseHead, body: bytes) -> None:
        stream = Stream()
        stream.feed(body)
        stream.end(tuple(self._fields))
        self._finish()
        receiver.response_began(head, stream)

    def _feed_body(self, stream: Stream) -> None:
        pieces, self._pieces = self._pieces, []
        self.deadline = min(self._deadlines.now + self._limits.idle_read_s, self._total)
        for piece in pieces:  # which may pause us, and so lift the deadline
            stream.feed(piece)
        if self._body is not stream:
            return  # cancelled while it was fed
        if not self._complete:
            return
        trailers: RawHeaders = tuple(self._fields)
        self._body = None
        self._finish()
        stream.end(trailers)

    def _finish(self) -> None:
        """The response is complete: keep the connection if it is clean."""
        head = self._head
        reusable = head is not None and head.keep_alive and not self._whole and self._request_body is None
        self._drop_request_body()
        if not reusable or self._transport.is_closing():
            self.deadline = NEVER
            self._transport.close()
            return
        if not self._expects_body:
            # llhttp waits for the body that HEAD's response announces: begin afresh.
            self._parser = httptools.HttpResponseParser(self)
        self._forget()
        self._reused = True
        self.deadline = self._deadlines.now + self._limits.pool_idle_s
        self._released(self)

    def _fail(self, error: Exception) -> None:
        receiver, self._receiver = self._receiver, None
        body, self._body = self._body, None
        self._drop_request_body()
        self._transport.abort()
        if receiver is not None:
            receiver.response_failed(error, self._reused and not self._seen)
        if body is not None:
            body.fail(error)

    def _drop_request_body(self) -> None:
        request_body, self._request_body = self._request_body, None
        if request_body is not None:
            request_body.cancel()

    # The request body's Sink

    def write(self, data: bytes) -> None:
        """Send a piece of the request's body (part of `Sink`)."""
        body = self._request_body
        if body is not None:
            self._transport.write(data if body.length is not None else chunk(data))

    def finish(self, trailers: RawHeaders) -> None:
        """End the request's body (part of `Sink`)."""
        body, self._request_body = self._request_body, None
        if body is not None and body.length is None:
            self._transport.write(last_chunk(trailers) if trailers else LAST_CHUNK)
        if self._receiver is not None:
            self.deadline = min(self._deadlines.now + self._limits.first_byte_s, self._total)

    def fail(self, error: Exception) -> None:
        """The client broke its request off; the upstream must see that (part of `Sink`)."""
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
