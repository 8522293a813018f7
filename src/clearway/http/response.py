"""The response head: which length, which connection options."""

from __future__ import annotations

from clearway.clock import wall
from clearway.http._messages import write_lines
from clearway.http.encode import content_length, http_date, status_line
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
    body = conn.resp_body
    lines, watched = write_lines(conn.resp_headers.raw, _WATCHED)
    date = b""
    for name, value in watched:
        if name == b"date":
            date = b"date: %b\r\n" % value
    if body.__class__ is bytes and status not in BODILESS and conn.method != "HEAD":
        framing, chunked, closes = content_length(len(body)), False, False
    else:
        framing, chunked, closes = _framing(conn, status)
    if closes or not keep_alive:
        end = b"connection: close\r\n\r\n"
    else:
        end = b"connection: keep-alive\r\n\r\n" if conn.http_version == "1.0" else b"\r\n"
    date = date or http_date(int(wall()))
    return b"".join((status_line(status), lines, date, framing, end)), chunked, closes


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
        return content_length(body.length), False, False
    if conn.http_version == "1.1":
        return b"transfer-encoding: chunked\r\n", True, False
    return b"", False, True
