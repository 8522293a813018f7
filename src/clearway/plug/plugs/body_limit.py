"""Refuse request bodies that are too large."""

from __future__ import annotations

from clearway.plug.conn import Conn
from clearway.plug.errors import RequestError
from clearway.plug.headers import RawHeaders
from clearway.plug.plugs.parts.options import whole
from clearway.plug.problem import problem
from clearway.plug.stream import Stream

__all__ = ["BodyLimit"]


class BodyLimit:
    """Answer 413 to a request whose body is larger than `max_bytes`.

    A body that says its length is refused before a byte of it is read.
    One that does not (chunked) is counted while it streams, and fails with `RequestError` 413 for whoever
    reads it once it is too long.

        route("POST", "/upload", BodyLimit(10 << 20), upload)

    Options:
        max_bytes: The largest body that passes; 0 for none at all.

    What a body expands to once it is decompressed is not looked at.
    """

    __slots__ = ("max_bytes",)

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = whole("max_bytes", max_bytes, least=0)

    def __call__(self, conn: Conn) -> Conn:
        length = conn.body.length
        if length is None:
            return conn.put_body(counted(conn.body, self.max_bytes))
        if length > self.max_bytes:
            return problem(conn, 413, self._detail()).halt()
        return conn

    def _detail(self) -> str:
        return f"the body is larger than {self.max_bytes} bytes"

    def __repr__(self) -> str:
        return f"BodyLimit({self.max_bytes})"


def counted(body: Stream, max_bytes: int) -> Stream:
    """Return a stream of what `body` brings, which fails with `RequestError` 413 past `max_bytes` bytes."""
    gauge = _Gauge(body, max_bytes)
    gauge.counted.pause()  # paused until somebody reads it, and so unable to start `body` by itself
    return gauge.counted


class _Gauge:
    """Joins two streams: the sink of `body` and the source of `counted`.

    `body` is attached when `counted` is first asked for: a server may wait for that moment to say
    `100 Continue`, and a body that is refused unread must not be invited.
    """

    __slots__ = ("_attached", "_body", "_max_bytes", "_seen", "counted")

    def __init__(self, body: Stream, max_bytes: int) -> None:
        self._body = body
        self._max_bytes = max_bytes
        self._seen = 0
        self._attached = False
        self.counted = Stream(self, high_water=body.high_water)

    # As the sink of `body`

    def write(self, data: bytes) -> None:
        self._seen += len(data)
        if self.counted.is_ended():
            return
        if self._seen > self._max_bytes:
            self._body.cancel()
            self.counted.fail(RequestError(413, f"the body is larger than {self._max_bytes} bytes"))
        else:
            self.counted.feed(data)

    def finish(self, trailers: RawHeaders) -> None:
        self.counted.end(trailers)

    def fail(self, error: Exception) -> None:
        self.counted.fail(error)

    # As the source of `counted`

    def pause(self) -> None:
        if self._attached:
            self._body.pause()

    def resume(self) -> None:
        if self._attached:
            self._body.resume()
        else:
            self._attached = True
            self._body.attach(self)

    def cancel(self) -> None:
        self._body.cancel()
