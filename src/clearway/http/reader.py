# From bytes to requests: httptools' callbacks.
#
# Rule 1: no I/O. Bytes go in by `feed`, requests come out through the `Receiver`.
#         Targets and header lines are gathered in C, where plain heads are read, too (`_native`).
# Rule 2: callbacks only collect. httptools wraps an exception that leaves a callback, and a parser that was
#         left by one cannot go on; so a refusal is kept and raised by `feed`.
"""From bytes to requests."""

from __future__ import annotations

from typing import Protocol

import httptools

from clearway.http._messages import RequestGatherer
from clearway.http.head import Framing, Raw, head_size, read_head
from clearway.http.limits import ServerLimits
from clearway.http.switching import SPOKEN, UPGRADE, upgrade_of
from clearway.http.trailers import safe_trailers
from clearway.plug import Conn, RequestError
from clearway.plug.conn import blank_conn
from clearway.plug.headers import RawHeaders

__all__ = ["Receiver", "RequestReader"]

_KEPT_BYTES = 64 * 1024


class Receiver(Protocol):
    """What a reader tells about the requests it reads."""

    def request_began(
        self, request: Conn, length: int | None, keep_alive: bool, expects_continue: bool
    ) -> None:
        """A head is complete and passed all checks; `length` as in `Head`."""

    def body_arrived(self, data: bytes) -> None:
        """A piece of the newest request's body."""

    def request_ended(self, trailers: RawHeaders) -> None:
        """The newest request is complete; not said of one whose head was plain, for that has no body."""


class RequestReader(RequestGatherer):
    """Parse one connection's requests.

    Options:
        receiver: Told of each request.
        limits: `target_bytes`, `head_bytes`, `header_count` and `body_bytes` are held here.
    """

    __slots__ = (
        "_body_read",
        "_body_seen",
        "_length",
        "_limits",
        "_overhead",
        "_refusal",
        "_switches",
        "kept",
    )

    def __init__(self, receiver: Receiver, limits: ServerLimits) -> None:
        self._receiver = receiver
        self._limits = limits
        self._most_bytes = limits.head_bytes
        self._most_target_bytes = limits.target_bytes
        self._most_lines = limits.header_count
        self._blank = blank_conn()
        self._parser = httptools.HttpRequestParser(self)
        self._body_seen = 0
        self._body_read = 0  # bytes of body in the read at hand
        self._overhead = 0  # bytes of a chunked message that were not its body
        self._length: int | None = 0  # of the body of the newest request that has one
        self._refusal: RequestError | None = None
        self._switches = False  # the newest request asks for a protocol that is spoken here
        self.kept: bytes | None = None  # what came behind a request to switch protocols, until it is answered

    def come_from(self, peer: tuple[str, int] | None, scheme: str) -> None:
        """Say where the requests come from."""
        self._blank = blank_conn(peer, scheme)

    def feed(self, data: bytes | memoryview) -> None:
        """Parse `data`; raise `RequestError` if the connection cannot go on."""
        rest: bytes | memoryview | None = data
        while rest is not None and self.kept is None:
            rest = self._feed(rest)
        if rest is not None and self.kept is not None:
            self.kept += rest
            if len(self.kept) > _KEPT_BYTES:
                raise RequestError(400, "too much came before the answer to a request to switch protocols")

    def take_kept(self) -> bytes:
        """Return what was kept, and parse what comes from now on."""
        kept, self.kept = self.kept or b"", None
        return kept

    def _feed(self, data: bytes | memoryview) -> memoryview | None:
        """Parse `data` and return what is left of it for a new parser, which is rare."""
        self._begin_read(len(data))
        self._body_read = 0
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._go_on_without_upgrade(data, upgrade.args[0])
        except httptools.HttpParserError as error:
            raise self._refusal or _refusal_for(error) from error
        if self._began:
            return None
        if self.in_head:
            self._fed += len(data)
            if self._fed > self._limits.head_bytes + self._limits.target_bytes:
                raise RequestError(431 if self._lines else 414, "the request head is too large")
        elif self.in_body:
            if self._length is None:
                self._hold_overhead(len(data))
        elif not self._ended:
            self.in_head, self._target, self._fed = True, b"", len(data)  # less than a method, or empty lines
        return None

    def is_answering_head(self) -> bool:
        """Tell whether the head that is being read, or was refused, is a HEAD request's."""
        return self.in_head and bool(self._target) and self._parser.get_method() == b"HEAD"

    # httptools' callbacks

    def _read_head(self) -> None:
        """Read any head that is not plain (`_native/plain_request.c`)."""
        fields, hosts, framing, lines = self._take()  # what follows the body are trailers
        try:
            limits = self._limits
            if len(self._target) > limits.target_bytes or lines > limits.header_count:
                self._refuse_head()
            if self._fed + self._read > limits.head_bytes:  # all that was read bounds the head
                self._refuse_if_large(fields, framing)
            head = read_head(
                self._parser.get_method().decode("latin-1"),
                self._target.decode("latin-1"),
                self._parser.get_http_version(),
                hosts,
                fields,
                framing,
            )
            if head.length:
                self._hold_body_limit(head.length)
        except RequestError as refusal:
            self._refusal = refusal
            raise
        self._fed = self._overhead = self._body_seen = 0
        self.in_head = False
        self.in_body, self._length = True, head.length
        request = self._blank._with(
            method=head.method,
            path=head.path,
            query_string=head.query_string,
            headers=head.headers,
            host=head.host,
            http_version=head.http_version,
        )
        self._switches = False
        if framing and head.length == 0 and head.http_version == "1.1" and upgrade_of(framing) in SPOKEN:
            request = request.put_private(UPGRADE, upgrade_of(framing))
            self._switches = True
        self._receiver.request_began(request, head.length, head.keep_alive, head.expects_continue)

    def on_body(self, data: bytes) -> None:
        self._body_read += len(data)
        if self._length is None:
            self._body_seen += len(data)
            try:
                self._hold_body_limit(self._body_seen)
            except RequestError as refusal:
                self._refusal = refusal
                raise
        self._receiver.body_arrived(data)

    def _end_message(self) -> None:
        """End a request whose head was not plain."""
        if self._muted or self._parser.should_upgrade():
            return
        self._end()

    def _end(self) -> None:
        self.in_body, self._ended = False, True
        if self._lines:
            fields, *_ = self._take()
            self._receiver.request_ended(safe_trailers(fields))
        else:
            self._receiver.request_ended(())

    # Limits

    def _refuse_head(self) -> None:
        limits = self._limits
        if len(self._target) > limits.target_bytes:
            raise RequestError(414, f"the request target is longer than {limits.target_bytes} bytes")
        raise RequestError(431, f"more than {limits.header_count} header fields")

    def _refuse_if_large(self, fields: Raw, framing: Framing) -> None:
        limit = self._limits.head_bytes
        if head_size(fields) + head_size(framing.items()) > limit:
            raise RequestError(431, f"the header fields are longer than {limit} bytes")

    def _hold_body_limit(self, size: int) -> None:
        limit = self._limits.body_bytes
        if limit is not None and size > limit:
            raise RequestError(413, f"the body is larger than {limit} bytes")

    def _hold_overhead(self, read: int) -> None:
        """Hold chunk extensions and trailers, of which llhttp takes any number, to the size of a head.

        A chunk's own lines are up to 20 bytes, so a body of tiny chunks may have 20 times its size.
        What a body's bytes make up for is not saved up: trailers behind a long body are held too.
        """
        self._overhead = max(0, self._overhead + read - 21 * self._body_read)
        if self._overhead > self._limits.head_bytes:
            raise RequestError(431, "the chunked body's extensions and trailers are too large")

    def _go_on_without_upgrade(self, data: bytes | memoryview, offset: int) -> memoryview | None:
        """Begin anew after a request to switch protocols, which is ignored, unless a plug switches to it.

        llhttp stops after such a head and leaves the body unread. A new parser is shown a head that frames
        the same body, and takes the rest. (Java's HttpClient sends bodies with `Upgrade: h2c`.)
        """
        self._parser = httptools.HttpRequestParser(self)
        size = self._length
        if size == 0:
            self._end()
            if self._switches:
                self.kept = b""
        else:
            framing = b"transfer-encoding: chunked" if size is None else b"content-length: %d" % size
            self._muted = True
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
            self._muted = False
            self.in_head = False
            self._take()
        return memoryview(data)[offset:] if offset < len(data) else None


def _refusal_for(error: httptools.HttpParserError) -> Exception:
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return RequestError(501, "the request method is not known here")
    if isinstance(error, httptools.HttpParserCallbackError) and error.__context__ is not None:
        return error.__context__  # type: ignore[return-value]  # a fault of ours is not the client's
    return RequestError(400, f"not a valid HTTP/1.1 request: {error}")
