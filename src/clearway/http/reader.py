# From bytes to requests: httptools' callbacks.
#
# Rule 1: no I/O. Bytes go in by `feed`, requests come out through the `Receiver`.
# Rule 2: callbacks only collect. httptools wraps an exception that leaves a callback, and a parser that was
#         left by one cannot go on; so a refusal is kept and raised by `feed`.
"""From bytes to requests."""

from __future__ import annotations

from typing import Protocol

import httptools

from clearway.http.head import Head, Raw, read_head
from clearway.http.limits import ServerLimits
from clearway.plug import RequestError
from clearway.plug.headers import RawHeaders

__all__ = ["Receiver", "RequestReader"]


class Receiver(Protocol):
    """What a reader tells about the requests it reads."""

    def request_began(self, head: Head) -> None:
        """A head is complete and passed all checks."""

    def body_arrived(self, data: bytes) -> None:
        """A piece of the newest request's body."""

    def request_ended(self, trailers: RawHeaders) -> None:
        """The newest request is complete."""


class RequestReader:
    """Parse one connection's requests.

    Options:
        receiver: Told of each request.
        limits: `target_bytes`, `head_bytes`, `header_count` and `body_bytes` are held here.
    """

    __slots__ = (
        "_began",
        "_body_seen",
        "_fed",
        "_fields",
        "_in_body",
        "_length",
        "_limits",
        "_muted",
        "_parser",
        "_read",
        "_receiver",
        "_refusal",
        "_target",
        "in_head",
    )

    def __init__(self, receiver: Receiver, limits: ServerLimits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._fields: Raw = []
        self._began = False  # a head began in the read at hand
        self._fed = 0  # bytes since the head began, not counting the read in which it began
        self._read = 0  # bytes of the read at hand
        self._in_body = False
        self._body_seen = 0
        self._length: int | None = 0
        self._muted = False
        self._refusal: RequestError | None = None
        self.in_head = False

    def feed(self, data: bytes | memoryview) -> None:
        """Parse `data`; raise `RequestError` if the connection cannot go on."""
        self._began = False
        self._read = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data, upgrade.args[0])
        except httptools.HttpParserError as error:
            raise self._refusal or _refusal_for(error) from error
        if self.in_head and not self._began:
            self._fed += len(data)
            if self._fed > self._limits.head_bytes:
                raise RequestError(431 if self._target else 414, "the request head is too large")

    def is_reading_body(self) -> bool:
        """Tell whether a body has begun and not ended."""
        return self._in_body

    # httptools' callbacks

    def on_message_begin(self) -> None:
        if not self._muted:
            self.in_head = self._began = True
            self._fed, self._target, self._fields = 0, b"", []

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self._muted:
            return
        self.in_head = False
        parser, fields = self._parser, self._fields
        try:
            self._hold_head_limits(fields)
            head = read_head(
                parser.get_method().decode("latin-1"),
                self._target.decode("latin-1"),
                parser.get_http_version(),
                fields,
            )
            self._hold_body_limit(head.length or 0)
        except RequestError as refusal:
            self._refusal = refusal
            raise
        self._fields = []  # what follows the body are trailers
        self._in_body, self._body_seen, self._length = True, 0, head.length
        self._receiver.request_began(head)

    def on_body(self, data: bytes) -> None:
        if self._length is None:
            self._body_seen += len(data)
            try:
                self._hold_body_limit(self._body_seen)
            except RequestError as refusal:
                self._refusal = refusal
                raise
        self._receiver.body_arrived(data)

    def on_message_complete(self) -> None:
        if self._muted or self._parser.should_upgrade():
            return
        self._end()

    def _end(self) -> None:
        self._in_body = False
        trailers, self._fields = tuple(self._fields), []
        if len(trailers) > self._limits.header_count:
            self._refusal = RequestError(431, "too many trailers")
            raise self._refusal
        self._receiver.request_ended(trailers)

    def _hold_head_limits(self, fields: Raw) -> None:
        limits = self._limits
        if len(self._target) > limits.target_bytes:
            raise RequestError(414, f"the request target is longer than {limits.target_bytes} bytes")
        if len(fields) > limits.header_count:
            raise RequestError(431, f"more than {limits.header_count} header fields")
        # What was read in all bounds the head, so most heads need not be summed up.
        if (
            self._fed + self._read
            > limits.head_bytes
            < sum([len(name) + len(value) + 4 for name, value in fields])
        ):
            raise RequestError(431, f"the header fields are longer than {limits.head_bytes} bytes")

    def _hold_body_limit(self, size: int) -> None:
        limit = self._limits.body_bytes
        if limit is not None and size > limit:
            raise RequestError(413, f"the body is larger than {limit} bytes")

    def _go_on_without_upgrade(self, data: bytes | memoryview, offset: int) -> None:
        """Read on after a request to switch protocols, which we do not: the upgrade is ignored.

        llhttp stops after such a head and leaves the body unread. A new parser is shown a head that frames
        the same body, and takes the rest. (Java's HttpClient sends bodies with `Upgrade: h2c`.)
        """
        if self._parser.get_method() == b"CONNECT":
            raise RequestError(405, "CONNECT is not served here")
        self._parser = httptools.HttpRequestParser(self)
        if self._length == 0:
            self._end()
        else:
            framing = (
                b"transfer-encoding: chunked"
                if self._length is None
                else b"content-length: %d" % self._length
            )
            self._muted = True
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
            self._muted = False
            self._fields = []
        self.feed(memoryview(data)[offset:])


def _refusal_for(error: httptools.HttpParserError) -> RequestError:
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return RequestError(501, "the request method is not known here")
    context = error.__context__
    if isinstance(context, RequestError):
        return context
    return RequestError(400, f"not a valid HTTP/1.1 request: {error}")
