"""What of a request is sent on, and what of a response is sent back: pure functions."""

from __future__ import annotations

import secrets

from clearway.http.head import HOP_BY_HOP, keep_end_to_end
from clearway.http.response_reader import ResponseHead
from clearway.plug import Conn, Headers

__all__ = ["VIA", "is_loop", "request_head", "response_headers"]

# One name per process, so that a chain of gateways is allowed and a circle is found (RFC 9110 section 7.6.3).
VIA = f"clearway-{secrets.token_hex(4)}".encode()

# Written by us, from the body's framing and from what we know of the client.
_REPLACED = frozenset(
    [b"content-length", b"via", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"]
)
# Fields of a response of which several lines are usual: a plug's line joins the upstream's.
_JOINED = frozenset([b"set-cookie", b"vary", b"link", b"www-authenticate", b"cache-control"])


def is_loop(conn: Conn) -> bool:
    """Tell whether this request has been through this process before."""
    via = conn.headers.get_raw(b"via")
    return via is not None and any(VIA in value for name, value in conn.headers.raw if name == b"via")


def request_head(conn: Conn, host: bytes | None, path: str) -> bytes:
    """Return the head that the upstream gets; `host` replaces the client's Host if given.

    The path is sent as it was received, never decoded or resolved.
    """
    headers = conn.headers
    target = f"{path}?{conn.query_string}" if conn.query_string else path
    parts = [f"{conn.method} {target} HTTP/1.1\r\n".encode("latin-1")]
    for name, value in headers.raw:
        if name not in _REPLACED:
            parts.append(b"%b: %b\r\n" % (name, host if host is not None and name == b"host" else value))
    if headers.get_raw(b"host") is None:
        parts.append(b"host: %b\r\n" % (host or b"localhost"))
    if headers.get_raw(b"te") is not None:
        parts.append(b"connection: te\r\n")
    parts.append(_framing(conn))
    parts.append(_forwarding(conn))
    return b"".join(parts)


def _framing(conn: Conn) -> bytes:
    length = conn.body.length
    if length is None:
        return b"transfer-encoding: chunked\r\n"
    if length:
        return b"content-length: %d\r\n" % length
    # RFC 9110 section 8.6: a method that usually has a body says that this one has none.
    return b"content-length: 0\r\n" if conn.method in ("POST", "PUT", "PATCH") else b""


def _forwarding(conn: Conn) -> bytes:
    headers = conn.headers
    client = conn.peer[0].encode() if conn.peer else b"unknown"
    before = headers.get_raw(b"x-forwarded-for")
    if before is not None:
        chain = b", ".join([value for name, value in headers.raw if name == b"x-forwarded-for"])
        client = b"%b, %b" % (chain, client)
    via = b", ".join([value for name, value in headers.raw if name == b"via"])
    return b"x-forwarded-for: %b\r\nx-forwarded-proto: %b\r\nx-forwarded-host: %b\r\nvia: %b%b %b\r\n\r\n" % (
        client,
        conn.scheme.encode(),
        headers.get_raw(b"host") or b"",
        b"%b, " % via if via else b"",
        conn.http_version.encode(),
        VIA,
    )


def response_headers(conn: Conn, head: ResponseHead, *, bodiless: bool) -> Headers:
    """Return the upstream's end-to-end fields joined with those that plugs have set.

    A plug's field replaces the upstream's of the same name, except where several lines are usual.
    `bodiless` keeps Content-Length, which then describes a body that is not sent.
    """
    fields = head.fields
    index = dict(fields)
    if not HOP_BY_HOP.isdisjoint(index):
        fields = list(keep_end_to_end(fields, index).raw)
    ours = conn.resp_headers.raw
    dropped = {name for name, _ in ours} - _JOINED
    if not bodiless:
        dropped.add(b"content-length")
    return Headers((*[pair for pair in fields if pair[0] not in dropped], *ours))
