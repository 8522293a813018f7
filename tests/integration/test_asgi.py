"""Pipelines in front of an ASGI app, under real uvicorn, asked by a real client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import httpx
import pytest

from clearway.plug import Conn, Pipeline, Router, Stream, forward, get
from clearway.plug.asgi import App, AsgiMiddleware, Receive, Scope, Send, asgi_app
from clearway.plug.plugs import BasicAuth, RequestId, RequireAuth
from clearway.testing import Wire
from clearway.testing.adapter.parts import Endings
from tests.integration.asgi_server import under_uvicorn

pytestmark = pytest.mark.slow

USERS = {"ada": bcrypt.hashpw(b"lovelace", bcrypt.gensalt(4)).decode()}
PIECE = b"x" * 65536


class Desk:
    """A raw ASGI app: what it does is named by the path."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[str] = []
        self.came = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        self.calls += 1
        await getattr(self, scope["path"].strip("/") or "hello")(scope, receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        for _ in range(2):
            phase = (await receive())["type"]
            self.seen.append(phase)
            await send({"type": f"{phase}.complete"})

    async def hello(self, scope: Scope, receive: Receive, send: Send) -> None:
        conn: Conn = scope["state"]["clearway"]
        name = conn.principal.name if conn.principal else "nobody"
        headers = dict(scope["headers"])
        text = f"{name} {headers.get(b'x-request-id') == (conn.request_id or '').encode()}"
        await answer(send, text.encode())

    async def echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            event = await receive()
            more = event.get("more_body", False)
            await send({"type": "http.response.body", "body": event.get("body", b""), "more_body": more})

    async def waits(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        self.came.set()
        assert (await receive())["type"] == "http.disconnect"
        self.left.set()

    async def breaks(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("password=hunter2")


async def answer(send: Send, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"desk")]})
    await send({"type": "http.response.body", "body": body})


def login() -> Pipeline:
    return Pipeline(RequestId(), BasicAuth(USERS), RequireAuth())


async def ask(app: App, method: str = "GET", path: str = "/", **more: Any) -> httpx.Response:
    async with under_uvicorn(app) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        return await client.request(method, path, **more)


async def test_who_has_no_credentials_does_not_reach_the_app() -> None:
    desk = Desk()

    refused = await ask(AsgiMiddleware(desk, login()))

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["request_id"] == refused.headers["x-request-id"]
    assert desk.calls == 0


async def test_who_has_reaches_the_app_by_name() -> None:
    told = await ask(AsgiMiddleware(Desk(), login()), auth=("ada", "lovelace"))

    assert (told.status_code, told.text) == (200, "ada True")
    assert told.headers["x-app"] == "desk"
    assert "x-request-id" in told.headers


async def test_hooks_run_on_the_answers_of_the_app() -> None:
    def hook(conn: Conn) -> Conn:
        return conn.register_before_send(
            lambda c: c.put_resp_header("x-seen", f"{c.status} {c.resp_headers.get('x-app')}")
        )

    told = await ask(AsgiMiddleware(Desk(), hook))

    assert told.headers["x-seen"] == "200 desk"


async def test_a_router_sends_some_paths_elsewhere_and_lets_the_rest_pass() -> None:
    desk = Desk()
    router = Router(
        get("/health", lambda conn: conn.send_resp(200, "up").halt()),
        forward("/admin", login()),
        otherwise=lambda conn: conn,
    )
    async with (
        under_uvicorn(AsgiMiddleware(desk, router)) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        assert (await client.get("/health")).text == "up"
        assert (await client.get("/admin/users")).status_code == 401
        assert (await client.get("/hello")).text == "nobody False"
    assert desk.calls == 1


async def test_bodies_stream_through_both_ways() -> None:
    async def upload() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield PIECE

    told = await ask(AsgiMiddleware(Desk(), RequestId()), "POST", "/echo", content=upload())

    assert told.content == PIECE * 32


async def test_a_body_that_a_plug_has_read_and_put_back_reaches_the_app() -> None:
    async def shout(conn: Conn) -> Conn:
        return conn.put_body(Stream.of((await conn.fetch_body()).upper()))

    assert (await ask(AsgiMiddleware(Desk(), shout), "POST", "/echo", content=b"hey")).text == "HEY"


async def test_an_app_that_breaks_is_answered_for_with_a_problem() -> None:
    told = await ask(AsgiMiddleware(Desk(), RequestId()), path="/breaks")

    assert told.status_code == 500
    assert told.json()["request_id"] == told.headers["x-request-id"]
    assert "hunter2" not in told.text


async def test_an_app_whose_client_leaves_is_told_and_so_are_the_hooks() -> None:
    desk, endings = Desk(), Endings()
    async with (
        under_uvicorn(AsgiMiddleware(desk, endings)) as address,
        Wire.to(address) as wire,
    ):
        await wire.send(b"GET /waits HTTP/1.1\r\nhost: a\r\n\r\n")
        await desk.came.wait()
        wire.abort()
        await desk.left.wait()
        _, sent = await endings.one()

    assert sent.outcome == "client_closed"


async def test_the_apps_lifespan_is_its_own() -> None:
    desk = Desk()

    await ask(AsgiMiddleware(desk, RequestId()))

    assert desk.seen == ["lifespan.startup", "lifespan.shutdown"]


async def test_a_pipeline_alone_lives_and_stops_with_its_server() -> None:
    app = asgi_app(Router(get("/hello/:name", lambda conn: conn.send_json(200, dict(conn.params)))))

    assert (await ask(app, path="/hello/ada")).json() == {"name": "ada"}


async def test_a_mount_of_the_server_is_hidden_from_the_router() -> None:
    app = asgi_app(Router(get("/hello", lambda conn: conn.send_resp(200, "/".join(conn.script_name)))))

    async with under_uvicorn(app, root_path="/api") as address, httpx.AsyncClient() as client:
        assert (await client.get(f"http://{address}/hello")).text == "api"


async def test_middlewares_nest() -> None:
    inner = AsgiMiddleware(Desk(), lambda conn: conn.put_resp_header("x-inner", "1"))

    told = await ask(AsgiMiddleware(inner, RequestId()))

    assert told.headers["x-inner"] == "1"
    assert "x-request-id" in told.headers
