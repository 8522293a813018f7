"""Between a scope and a conn: pure functions."""

from __future__ import annotations

from urllib.parse import quote, unquote

from clearway.plug.asgi.protocol import Scope
from clearway.plug.conn import Conn
from clearway.plug.headers import Headers
from clearway.plug.stream import Stream

__all__ = ["body_length", "read_headers", "read_scope", "scope_behind"]

_PATH_SAFE = "/:@!$&'()*+,;=~-._"  # RFC 3986 section 3.3


def read_headers(scope: Scope) -> Headers:
    """Return the request's headers."""
    # uvicorn with httptools leaves the space behind a value, which is no part of it (RFC 9110 section 5.5).
    return Headers(tuple([(name, value.strip(b" \t")) for name, value in scope["headers"]]))


def body_length(headers: Headers, http_version: str) -> int | None:
    """Return the body's length in bytes, or None if the head does not tell."""
    digits = headers.get_raw(b"content-length")
    if digits is not None:
        return int(digits)
    # HTTP/1 frames a body by a header (RFC 9112 section 6), later versions need none (RFC 9113 section 8.1).
    may_follow = headers.get_raw(b"transfer-encoding") is not None or http_version[0] != "1"
    return None if may_follow else 0


def read_scope(scope: Scope, headers: Headers, body: Stream, started: float) -> Conn:
    """Return the conn of an `http` or `websocket` scope."""
    client = scope.get("client")
    path = _raw_path(scope)
    conn = Conn(
        scope.get("method", "GET"),
        path,
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        peer=(client[0], client[1]) if client else None,
        scheme=scope.get("scheme", "http"),
        host=_host(headers.get_raw(b"host"), scope),
        http_version=scope.get("http_version", "1.1"),
        body=body,
        started=started,
    )
    root = scope.get("root_path", "")
    return conn.put_script_name(_mount(root, path)) if root else conn


def scope_behind(scope: Scope, conn: Conn) -> Scope:
    """Return the scope for an app behind the pipeline: what plugs changed in the request is changed there.

    The conn itself is `scope["clearway"]`, and `request.state.clearway` in Starlette's words. The state stays
    the one that middleware around us holds.
    """
    behind = dict(scope)
    behind["headers"] = list(conn.headers.raw)
    behind["client"] = conn.peer
    behind["scheme"] = conn.scheme
    behind["query_string"] = conn.query_string.encode("latin-1")
    if conn.path != _raw_path(scope):
        behind["path"], behind["raw_path"] = unquote(conn.path), conn.path.encode("latin-1")
    behind["clearway"] = conn
    behind["state"] = scope.setdefault("state", {})
    behind["state"]["clearway"] = conn
    return behind


def _raw_path(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"], safe=_PATH_SAFE) if raw is None else raw.decode("latin-1")


def _mount(root_path: str, path: str) -> tuple[str, ...]:
    """Return the segments under which a server or router around us has mounted us."""
    root = quote(root_path, safe=_PATH_SAFE).rstrip("/")
    if path != root and not path.startswith(f"{root}/"):
        return ()  # some servers leave the prefix out of the path
    return tuple(segment for segment in root_path.split("/") if segment)


def _host(field: bytes | None, scope: Scope) -> str:
    if field is None:
        server = scope.get("server")
        return server[0] if server else ""
    host = field.decode("latin-1").lower()
    name, _, port = host.rpartition(":")
    return name if port.isdigit() else host
