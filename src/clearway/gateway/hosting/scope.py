"""What an app is told of a request before its first event: pure functions from a conn to a scope."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from clearway.http.websocket.handshake import offered_subprotocols
from clearway.plug import Conn
from clearway.plug.asgi import Scope

__all__ = ["Place", "http_scope", "websocket_scope"]

RawList = list[tuple[bytes, bytes]]
_HANDSHAKE = [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]  # a hop's own business, as said
_CHUNKED = (b"transfer-encoding", b"chunked")


class Place:
    """Where an app stands: what all its scopes have in common.

    Options:
        root_path: The part of the public path that a proxy in front has cut off.
        mount: The first part of a request's path, as in "/shop", if the app is mounted there.
    """

    __slots__ = ("_raw_prefix", "prefix", "root_path")

    def __init__(self, root_path: str = "", mount: str = "") -> None:
        self.prefix = root_path.rstrip("/")
        self._raw_prefix = self.prefix.encode()
        self.root_path = self.prefix + mount.rstrip("/")

    def paths(self, conn: Conn) -> tuple[str, str, bytes]:
        """Return root path, decoded path and raw path, as ASGI wants them: the path holds the root path."""
        raw = conn.path
        path = unquote(raw) if "%" in raw else raw
        root = self.root_path
        if conn.script_name:
            root = f"{root}/{'/'.join(conn.script_name)}"
        if self.prefix:
            return root, self.prefix + path, self._raw_prefix + raw.encode("latin-1")
        return root, path, raw.encode("latin-1")


def http_scope(
    conn: Conn, place: Place, state: dict[str, Any], server: tuple[str, int | None] | None
) -> Scope:
    """Return the scope of a request, with a copy of `state`; the conn itself is `scope["clearway"]`.

    The state has it too: Starlette calls it `request.state.clearway`.
    """
    root_path, path, raw_path = place.paths(conn)
    state = state.copy()
    state["clearway"] = conn
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": conn.http_version,
        "server": server,
        "client": conn.peer,
        "scheme": conn.scheme,
        "method": conn.method,
        "root_path": root_path,
        "path": path,
        "raw_path": raw_path,
        "query_string": conn.query_string.encode("latin-1"),
        "headers": _headers(conn),
        "state": state,
        "clearway": conn,
    }


def websocket_scope(
    conn: Conn, place: Place, state: dict[str, Any], server: tuple[str, int | None] | None
) -> Scope:
    """Return the scope of a handshake."""
    scope = http_scope(conn, place, state, server)
    del scope["method"]
    scope["type"] = "websocket"
    scope["asgi"] = {"version": "3.0", "spec_version": "2.4"}
    scope["scheme"] = "wss" if conn.scheme == "https" else "ws"
    scope["headers"] += _HANDSHAKE
    scope["subprotocols"] = offered_subprotocols(conn)
    scope["extensions"] = {"websocket.http.response": {}}
    return scope


def _headers(conn: Conn) -> RawList:
    headers = list(conn.headers.raw)
    if conn.body.length is None:
        headers.append(_CHUNKED)  # a hop's own business, but apps look here for whether there is a body
    return headers
