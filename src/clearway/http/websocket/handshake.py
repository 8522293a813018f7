"""The opening handshake of a WebSocket: pure functions from a request to the lines of a 101 (RFC 6455)."""

from __future__ import annotations

import logging

from websockets.datastructures import Headers as WireHeaders
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.protocol import Protocol, Side
from websockets.server import ServerProtocol

from clearway.http.websocket.limits import WebSocketLimits
from clearway.plug import Conn, RequestError

__all__ = ["accept_websocket", "offered_subprotocols"]

_log = logging.getLogger("clearway.http.websocket")
_log.setLevel(logging.WARNING)  # the library tells of every connection that ends

Lines = list[tuple[bytes, bytes]]

# What the library's own servers use: 2.5 kB less for each connection, and hardly larger messages.
_DEFLATE = ServerPerMessageDeflateFactory(
    server_max_window_bits=12, client_max_window_bits=12, compress_settings={"memLevel": 5}
)


def accept_websocket(conn: Conn, limits: WebSocketLimits) -> tuple[Protocol, Lines]:
    """Return what speaks the protocol from now on, and the header lines that accept the handshake.

    Raises `RequestError` (400 or 426) for a handshake that is not one.
    """
    negotiator = ServerProtocol(extensions=[_DEFLATE] if limits.deflate else [], logger=_log)
    response = negotiator.accept(_request(conn))
    if response.status_code != 101:
        what = (response.body or b"").decode().strip().splitlines()
        raise RequestError(response.status_code, what[0] if what else "this is no WebSocket handshake")
    wire = Protocol(Side.SERVER, max_size=limits.message_bytes, logger=_log)
    wire.extensions = negotiator.extensions
    lines = [(name.lower().encode(), value.encode()) for name, value in response.headers.raw_items()]
    return wire, [line for line in lines if line[0] != b"date"]


def _request(conn: Conn) -> Request:
    headers = WireHeaders([("Connection", "Upgrade"), ("Upgrade", "websocket")])
    for name, value in conn.headers.items():
        headers[name] = value
    return Request(conn.path, headers, method=conn.method)


def offered_subprotocols(conn: Conn) -> list[str]:
    """Return the subprotocols that the client offers, in its order."""
    lines = conn.headers.get_all("sec-websocket-protocol")
    return [name for line in lines for each in line.split(",") if (name := each.strip())]
