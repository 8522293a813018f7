"""The opening handshake of a WebSocket: plugs first, then the app accepts or refuses."""

from __future__ import annotations

import asyncio

import bcrypt
import pytest

from clearway.plug import Conn
from clearway.plug.plugs import BasicAuth, RequireAuth
from tests.conformance.asgi.hosted import answer, hosted, piece, start
from tests.conformance.asgi.websocket_client import (
    CLOSE,
    CONNECT,
    HANDSHAKE,
    Room,
    connect,
    gone,
    text,
)
from tests.wire.memory import settle


async def test_a_scope_holds_what_uvicorns_do() -> None:
    app = Room()

    await connect(
        await hosted(app, root_path="/shop"), "/chat%20room?x=1", subprotocols=["a", "b"], cookie="c=1"
    )

    scope = app.scope
    conn = scope.pop("clearway")
    headers = dict(scope.pop("headers"))
    assert scope.pop("state") == {"clearway": conn}
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.7", 50_000),
        "root_path": "/shop",
        "path": "/shop/chat room",
        "raw_path": b"/shop/chat%20room",
        "query_string": b"x=1",
        "subprotocols": ["a", "b"],
        "extensions": {"websocket.http.response": {}},
    }
    assert (headers[b"cookie"], headers[b"upgrade"], headers[b"connection"]) == (
        b"c=1",
        b"websocket",
        b"Upgrade",
    )
    assert app.heard == [CONNECT]


async def test_an_app_accepts_with_headers_and_a_subprotocol() -> None:
    accept = {
        "type": "websocket.accept",
        "subprotocol": "b",
        "headers": [(b"X-App", b"1"), (b"connection", b"close")],
    }

    def plug(conn: Conn) -> Conn:
        return conn.put_resp_header("x-plug", "1")

    gateway = await hosted(Room(accept=accept), before=(plug,))
    client = await connect(gateway, subprotocols=["a", "b"])

    assert client.is_open
    assert client.wire.subprotocol == "b"
    assert client.response is not None
    headers = client.response.headers
    assert (headers["x-app"], headers["x-plug"], headers.get_all("connection")) == ("1", "1", ["Upgrade"])
    assert "date" in headers
    assert "content-length" not in headers
    assert "transfer-encoding" not in headers


async def test_plugs_come_before_the_handshake() -> None:
    app = Room()

    users = {"ada": bcrypt.hashpw(b"lovelace", bcrypt.gensalt(4)).decode()}
    login = (BasicAuth(users), RequireAuth())
    client = await connect(await hosted(app, before=login))

    assert client.response is not None
    assert client.response.status_code == 401
    assert app.scope is None


async def test_an_async_plug_may_come_before_the_handshake() -> None:
    async def plug(conn: Conn) -> Conn:
        await asyncio.sleep(0)
        return conn

    client = await connect(await hosted(Room(text("hello")), before=(plug,)))

    assert client.messages == ["hello"]


async def test_hooks_run_when_the_socket_is_closed() -> None:
    gateway = await hosted(Room(text("hello")))
    client = await connect(gateway)
    assert gateway.sent == []

    await client.close()

    ((conn, sent),) = gateway.sent
    assert (conn.status, sent.outcome, sent.bytes_sent > 0) == (101, "complete", True)
    assert gateway.server.statistics().open == 0
    assert len(gateway.deadlines) == 0


async def test_an_app_that_closes_before_it_accepts_refuses_with_403() -> None:
    app = Room(accept=CLOSE)

    client = await connect(await hosted(app))

    assert client.response is not None
    assert client.response.status_code == 403
    assert app.heard == [CONNECT, gone(1006)]


async def test_an_app_may_refuse_with_a_response() -> None:
    app = Room(
        {"type": "websocket.http.response.body", "body": b"no ", "more_body": True},
        {"type": "websocket.http.response.body", "body": b"room"},
        accept={"type": "websocket.http.response.start", "status": 429, "headers": [(b"x-a", b"1")]},
    )

    client = await connect(await hosted(app))

    assert client.response is not None
    assert (client.response.status_code, client.response.headers["x-a"], client.response.body) == (
        429,
        "1",
        b"no room",
    )


async def test_the_answer_is_that_of_rfc_6455() -> None:
    gateway = await hosted(Room())

    client = await gateway.ask(HANDSHAKE)

    assert client.received.startswith(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n")
    assert b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in client.received


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"short", 400),
        (b"sec-websocket-version: 13\r\n", b"", 400),
        (b"version: 13", b"version: 8", 400),
        (b"GET", b"POST", 405),
    ],
)
async def test_a_handshake_that_is_none_is_refused(old: bytes, new: bytes, status: int) -> None:
    app = Room()

    found = await answer(app, HANDSHAKE.replace(old, new))

    assert found.status == status
    assert app.scope is None


@pytest.mark.parametrize(
    "raw",
    [
        HANDSHAKE.replace(b"upgrade: WebSocket", b"upgrade: h2c"),
        HANDSHAKE.replace(b"connection: keep-alive, Upgrade", b"connection: keep-alive"),
    ],
)
@pytest.mark.parametrize("behind", [b"", HANDSHAKE.replace(b"upgrade: WebSocket\r\n", b"")])
async def test_what_asks_for_something_else_is_a_request(raw: bytes, behind: bytes) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        await send(piece(scope["type"].encode()))

    found = await (await hosted(app)).answers(raw + behind)

    assert [each.body for each in found] == [b"http"] * (2 if behind else 1)


async def test_where_none_are_served_a_handshake_is_a_request() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        await send(piece(scope["type"].encode()))

    assert (await answer(app, HANDSHAKE, websockets=None)).body == b"http"


async def test_a_refused_client_may_ask_something_else() -> None:
    gateway = await hosted(Room(accept=CLOSE))

    first, second = await gateway.answers(HANDSHAKE + HANDSHAKE)

    assert (first.status, second.status) == (403, 403)


async def test_who_sends_too_much_before_the_answer_is_refused() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await asyncio.sleep(3600)

    gateway = await hosted(app)
    client = await gateway.ask(HANDSHAKE)
    client.send(b"x" * 100_000)
    client.vanish()
    await settle()

    assert gateway.outcomes == ["client_closed"]
