"""A scope becomes a conn, and a conn the scope of the app behind."""

from __future__ import annotations

from typing import Any

import pytest

from clearway.plug import Conn, Headers
from clearway.plug.asgi.protocol import Scope
from clearway.plug.asgi.scope import body_length, read_headers, read_scope, scope_behind
from clearway.plug.stream import EMPTY
from tests.unit.plug.asgi.stage import http_scope, websocket_scope


def conn_of(scope: Scope) -> Conn:
    return read_scope(scope, read_headers(scope), EMPTY, 12.5)


def test_a_scope_becomes_a_conn() -> None:
    conn = conn_of(http_scope("PUT", "/a%20b//c?x=%31", [("x-a", "caf\xe9")]))

    assert (conn.method, conn.path, conn.query_string) == ("PUT", "/a%20b//c", "x=%31")
    assert (conn.peer, conn.scheme, conn.http_version) == (("10.1.2.3", 4711), "http", "1.1")
    assert conn.headers.get("x-a") == "caf\xe9"
    assert (conn.started, conn.script_name) == (12.5, ())


def test_a_handshake_is_a_get() -> None:
    conn = conn_of(websocket_scope("/chat"))

    assert (conn.method, conn.scheme, conn.path) == ("GET", "ws", "/chat")


def test_the_space_around_a_value_is_no_part_of_it() -> None:
    assert conn_of(http_scope(headers=[("x-a", " 1\t")])).headers.get("x-a") == "1"


@pytest.mark.parametrize(
    ("changes", "field", "want"),
    [
        ({"client": None}, "peer", None),
        ({"client": ["10.0.0.1", 80]}, "peer", ("10.0.0.1", 80)),
        ({"raw_path": None, "path": "/a b/é"}, "path", "/a%20b/%C3%A9"),
        ({"headers": []}, "host", "127.0.0.1"),
        ({"headers": [], "server": None}, "host", ""),
        ({"headers": [[b"host", b"Shop.TEST:8080"]]}, "host", "shop.test"),
        ({"headers": [(b"host", b"[::1]:80")]}, "host", "[::1]"),
        ({"headers": [(b"host", b"[::1]")]}, "host", "[::1]"),
        ({"root_path": "/api", "path": "/api/x", "raw_path": b"/api/x"}, "script_name", ("api",)),
        ({"root_path": "/api", "path": "/api", "raw_path": b"/api"}, "script_name", ("api",)),
        ({"root_path": "/a/b/", "path": "/a/b/x", "raw_path": b"/a/b/x"}, "script_name", ("a", "b")),
        ({"root_path": "/a b", "path": "/a b/x", "raw_path": b"/a%20b/x"}, "script_name", ("a b",)),
        ({"root_path": "/api", "path": "/x", "raw_path": b"/x"}, "script_name", ()),
        ({"root_path": "/api", "path": "/apis/x", "raw_path": b"/apis/x"}, "script_name", ()),
    ],
)
def test_what_servers_leave_out_or_say_in_their_own_way(
    changes: dict[str, Any], field: str, want: object
) -> None:
    assert getattr(conn_of({**http_scope(), **changes}), field) == want


def test_optional_keys_may_be_missing() -> None:
    scope = http_scope()
    for key in ("client", "server", "raw_path", "root_path", "state", "http_version", "scheme"):
        del scope[key]

    assert conn_of(scope).path == "/"
    assert scope_behind(scope, conn_of(scope))["client"] is None


@pytest.mark.parametrize(
    ("headers", "version", "length"),
    [
        ((), "1.1", 0),
        ((), "1.0", 0),
        ((), "2", None),
        ((("content-length", "5"),), "1.1", 5),
        ((("content-length", "5"),), "2", 5),
        ((("content-length", "0"),), "2", 0),
        ((("transfer-encoding", "chunked"),), "1.1", None),
    ],
)
def test_the_length_of_a_body_is_known_from_the_head_or_not_at_all(
    headers: tuple[tuple[str, str], ...], version: str, length: int | None
) -> None:
    assert body_length(Headers.of(*headers), version) == length


def test_the_app_behind_sees_the_request_as_the_plugs_left_it() -> None:
    scope = http_scope(target="/old?a=1", headers=[("x-user", "mallory")])
    conn = (
        conn_of(scope)
        .put_req_header("x-user", "ada")
        .put_target("/new%20path", "b=2")
        .put_peer(("192.0.2.1", 1), "https", "shop.test")
    )

    behind = scope_behind(scope, conn)

    assert (b"x-user", b"ada") in behind["headers"]
    assert (behind["path"], behind["raw_path"]) == ("/new path", b"/new%20path")
    assert (behind["query_string"], behind["client"]) == (b"b=2", ("192.0.2.1", 1))
    assert behind["scheme"] == "https"
    assert behind["clearway"] is behind["state"]["clearway"] is conn


def test_what_no_plug_changed_is_handed_on_as_it_came() -> None:
    scope = http_scope(target="/a%2Fb", path="/a/b", raw_path=b"/a%2Fb")

    behind = scope_behind(scope, conn_of(scope))

    assert (behind["path"], behind["raw_path"]) == ("/a/b", b"/a%2Fb")
    assert behind["state"] is scope["state"]
    assert scope["path"] == "/a/b"
    assert "clearway" not in scope
