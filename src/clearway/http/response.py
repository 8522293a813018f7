"""The response head: which length, which connection options."""

from __future__ import annotations

from clearway.clock import wall
from clearway.http.encode import http_date, status_line
from clearway.plug import Conn, Stream

__all__ = ["BODILESS", "response_head"]

# The server decides these from the body it is given, so that no plug can break the framing; and it needs to
# know of Date.
_WATCHED = frozenset([b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"date"])
BODILESS = (204, 304)


def response_head(conn: Conn, keep_alive: bool) -> tuple[bytes, bool, bool]:
    """Return the head of a sent conn, whether its body is chunked, and whether only closing can end it.

    Sources: RFC 9112 section 6.3 (length), RFC 9110 sections 8.6 (no Content-Length on 204) and 6.6.1 (Date).
    """
    status: int = conn.status  # type: ignore[assignment]  # a sent conn has one
    parts = [status_line(status)]
    date = None
    for name, value in conn.resp_headers.raw:
        if name not in _WATCHED:
            parts += (name, b": ", value, b"\r\n")
        elif name == b"date":
            date = value
    parts.append(http_date(int(wall())) if date is None else b"date: %b\r\n" % date)
    body = conn.resp_body
    chunked = closes = False
    if body.__class__ is bytes and status not in BODILESS and conn.method != "HEAD":
        parts.append(b"content-length: %d\r\n" % len(body))
    else:
        framing, chunked, closes = _framing(conn, status)
        parts.append(framing)
    if closes or not keep_alive:
        parts.append(b"connection: close\r\n\r\n")
    elif conn.http_version == "1.0":
        parts.append(b"connection: keep-alive\r\n\r\n")
    else:
        parts.append(b"\r\n")
    return b"".join(parts), chunked, closes


def _framing(conn: Conn, status: int) -> tuple[bytes, bool, bool]:
    body = conn.resp_body
    if status == 204:
        return b"", False, False
    if conn.method == "HEAD" or status == 304:
        # What the length would have been: from the upstream, or from a body that is not sent.
        known = conn.resp_headers.get_raw(b"content-length")
        if known is None and isinstance(body, bytes) and body:
            known = b"%d" % len(body)
        return (b"" if known is None else b"content-length: %b\r\n" % known), False, False
    if isinstance(body, Stream) and body.length is not None:
        return b"content-length: %d\r\n" % body.length, False, False
    if conn.http_version == "1.1":
        return b"transfer-encoding: chunked\r\n", True, False
    return b"", False, True
