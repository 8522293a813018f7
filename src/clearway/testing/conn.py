"""Conns without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clearway.plug.conn import Adapter, Conn
from clearway.plug.headers import Headers
from clearway.plug.stream import EMPTY, Stream

__all__ = ["body_of", "conn"]


def conn(
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: bytes | Iterable[bytes] = b"",
    peer: tuple[str, int] | None = ("127.0.0.1", 50000),
    host: str = "example.org",
    scheme: str = "http",
    adapter: Adapter | None = None,
) -> Conn:
    """Return a conn as a server would make it for `method target`.

        conn("POST", "/orders?dry=1", headers={"content-type": "application/json"}, body=b"{}")

    `headers` may be pairs, to repeat a name; `body` may be pieces, to be streamed.
    """
    path, _, query = target.partition("?")
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    pieces = [body] if isinstance(body, bytes) else list(body)
    return Conn(
        method,
        path,
        query_string=query,
        headers=Headers.of(("host", host), *pairs),
        peer=peer,
        host=host,
        scheme=scheme,
        body=Stream.of(*pieces) if any(pieces) else EMPTY,
        adapter=adapter,
    )


def body_of(sent: Conn) -> bytes:
    """Return the body of a response that was sent as bytes; raise `TypeError` for a streamed one."""
    if not isinstance(sent.resp_body, bytes):
        raise TypeError(f"the body of {sent!r} is streamed: iterate conn.resp_body")
    return sent.resp_body
