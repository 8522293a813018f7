"""What an app is told about a request: every key that uvicorn gives, with its meaning."""

from __future__ import annotations

import pytest

from clearway.plug import Conn, Pipeline, Router, forward
from tests.conformance.asgi.hosted import GET, Actor, Hosted, answer, hosted, piece, start

OK = (start(), piece(b"ok"))


async def test_a_scope_holds_what_uvicorns_do() -> None:
    app = Actor(*OK)

    await answer(
        app, b"GET /a%20b/c?x=1&y=%20 HTTP/1.1\r\nHost: shop.test:8000\r\nX-One: 1\r\nx-one:  2 \r\n\r\n"
    )

    (scope,) = app.scopes
    conn = scope.pop("clearway")
    assert scope.pop("state") == {"clearway": conn}
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50_000),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": "/a b/c",
        "raw_path": b"/a%20b/c",
        "query_string": b"x=1&y=%20",
        "headers": [(b"host", b"shop.test:8000"), (b"x-one", b"1"), (b"x-one", b"2")],
    }


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_the_version_is_the_clients(version: str) -> None:
    app = Actor(*OK)

    await answer(app, f"GET / HTTP/{version}\r\nhost: a\r\n\r\n".encode())

    assert app.scopes[0]["http_version"] == version


async def test_a_body_is_announced_as_the_client_did() -> None:
    app = Actor(*OK)

    await answer(app, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi")
    await answer(app, b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")

    assert [scope["headers"][-1] for scope in app.scopes] == [
        (b"content-length", b"2"),
        (b"transfer-encoding", b"chunked"),
    ]


async def test_the_root_path_is_put_before_the_path() -> None:
    app = Actor(*OK)

    await answer(app, b"GET /a%2Fb HTTP/1.1\r\nhost: a\r\n\r\n", root_path="/shop/")

    (scope,) = app.scopes
    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/shop", "/shop/a/b", b"/shop/a%2Fb")


async def test_a_mount_is_a_root_path_that_the_client_has_sent() -> None:
    app = Actor(*OK)
    gateway = await hosted(app, root_path="/public")
    gateway.server.plug = gateway.app.at("/shop")

    await gateway.answers(b"GET /shop/cart HTTP/1.1\r\nhost: a\r\n\r\n")

    (scope,) = app.scopes
    assert (scope["root_path"], scope["path"]) == ("/public/shop", "/public/shop/cart")


async def test_what_a_router_has_consumed_is_a_root_path() -> None:
    app = Actor(*OK)
    gateway: Hosted = await hosted(app)
    gateway.server.plug = Pipeline(Router(forward("/api/:version", gateway.app)))

    await gateway.answers(b"GET /api/v1/cart HTTP/1.1\r\nhost: a\r\n\r\n")

    (scope,) = app.scopes
    assert (scope["root_path"], scope["path"]) == ("/api/v1", "/api/v1/cart")


async def test_an_app_sees_what_plugs_before_it_did() -> None:
    def plug(conn: Conn) -> Conn:
        return conn.put_req_header("x-user", "ada").put_peer(("203.0.113.9", 0), "https", "a").assign("n", 1)

    app = Actor(*OK)

    await answer(app, before=(plug,))

    (scope,) = app.scopes
    assert (b"x-user", b"ada") in scope["headers"]
    assert (scope["client"], scope["scheme"]) == (("203.0.113.9", 0), "https")
    assert scope["state"]["clearway"].assigns == {"n": 1}


async def test_each_request_gets_a_state_of_its_own() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        scope["state"]["count"] = scope["state"].get("count", 0) + 1
        await send(start())
        await send(piece(b"%d" % scope["state"]["count"]))

    gateway = await hosted(app)

    assert [each.body for each in await gateway.answers(GET * 2)] == [b"1", b"1"]
