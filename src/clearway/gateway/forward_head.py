"""What of a request is sent on, and what of a response is sent back: pure functions."""

from __future__ import annotations

import secrets
from functools import lru_cache

from clearway.http._messages import write_lines
from clearway.http.encode import content_length
from clearway.http.errors import UpstreamLoopError
from clearway.http.head import FRAMING, Framing, note_framing
from clearway.plug import Conn, Headers
from clearway.plug.stream import EMPTY

__all__ = ["VIA", "joined_headers", "request_head"]

# One name per process, so that a chain of gateways is allowed and a circle is found (RFC 9110 section 7.6.3).
VIA = f"clearway-{secrets.token_hex(4)}".encode()

# Fields of a request that are not copied: Host and the forwarding fields are written anew, and the framing is
# ours, whatever a plug has put.
_REWRITTEN = FRAMING | {b"host", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"}
# Fields of a response of which several lines are usual: a plug's line joins the upstream's.
_JOINED = frozenset([b"set-cookie", b"vary", b"link", b"www-authenticate", b"cache-control"])


def request_head(conn: Conn, path: str, host: bytes | None) -> bytes:
    """Return the head that the upstream gets; `host` replaces the client's Host if given.

    The path is sent as it was received, never decoded or resolved.
    Raises `UpstreamLoopError` if the request has been through this process before.
    """
    lines, rewritten = write_lines(conn.headers.raw, _REWRITTEN)
    asked = b""
    said: Framing | None = None
    for name, value in rewritten:
        if name == b"host":
            asked = value
        else:
            said = {} if said is None else said
            note_framing(said, name, value)
    target = f"{path}?{conn.query_string}" if conn.query_string else path
    line = f"{conn.method} {target} HTTP/1.1\r\nhost: ".encode("latin-1")
    length = b"" if conn.body is EMPTY and conn.method == "GET" else _length_line(conn)
    peer = conn.peer[0] if conn.peer else "unknown"
    if said is None:
        forwarding = _forwarding(peer, conn.scheme, asked, conn.http_version)
    else:
        forwarding = _joined_forwarding(conn, peer, asked, said)
    return b"".join((line, host or asked or b"localhost", b"\r\n", lines, length, forwarding))


def _length_line(conn: Conn) -> bytes:
    length = conn.body.length
    if length is None:
        return b"transfer-encoding: chunked\r\n"
    if length or conn.method in _USUALLY_WITH_BODY:
        return content_length(length)
    return b""


# RFC 9110 section 8.6: a method that usually has a body says so when it has none.
_USUALLY_WITH_BODY = frozenset(["POST", "PUT", "PATCH"])


@lru_cache(maxsize=4096)
def _forwarding(peer: str, scheme: str, host: bytes, version: str) -> bytes:
    """Return the lines that say who asked, for a request that no proxy has brought, and the head's end."""
    line = f"x-forwarded-for: {peer}\r\nx-forwarded-proto: {scheme}\r\nvia: {version} "
    return b"%b%b\r\nx-forwarded-host: %b\r\n\r\n" % (line.encode(), VIA, host)


def _joined_forwarding(conn: Conn, peer: str, host: bytes, rewritten: Framing) -> bytes:
    """Return the lines that say who asked, joined to what the proxies before us said, and the head's end."""
    via = rewritten.get(b"via")
    if via is not None and VIA in via:
        raise UpstreamLoopError("this request has been here before: an upstream points back at this gateway")
    chain = rewritten.get(b"x-forwarded-for")
    client = peer.encode() if chain is None else b"%b, %b" % (chain, peer.encode())
    return (
        b"%bx-forwarded-for: %b\r\nx-forwarded-proto: %b\r\nvia: %b%b %b\r\nx-forwarded-host: %b\r\n\r\n"
        % (
            b"te: trailers\r\nconnection: te\r\n" if b"te" in rewritten else b"",
            client,
            conn.scheme.encode(),
            b"" if via is None else b"%b, " % via,
            conn.http_version.encode(),
            VIA,
            host,
        )
    )


def joined_headers(theirs: Headers, ours: Headers) -> Headers:
    """Return the upstream's fields joined with those that plugs have set.

    A plug's field replaces the upstream's of the same name, except where several lines are usual.
    """
    return theirs.joined(ours, _JOINED)
