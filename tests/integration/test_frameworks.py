"""FastAPI, Starlette, Litestar and Django give the same answers under uvicorn and under us."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from clearway.gateway.hosting import AsgiApp
from clearway.http import Server
from clearway.plug.asgi import App
from tests.integration.asgi_server import under_uvicorn

pytestmark = pytest.mark.slow

FRAMEWORKS = ("starlette", "fastapi", "litestar", "django")
WITH_WEBSOCKETS = FRAMEWORKS[:-1]

REQUESTS = {
    "hello": ("GET", "/hello/w%C3%B6rld?x=1", b""),
    "head": ("HEAD", "/hello/you", b""),
    "echo": ("POST", "/echo", b"some text"),
    "echo much": ("POST", "/echo", b"x" * 1_000_000),
    "stream": ("GET", "/stream", b""),
    "fail": ("GET", "/fail", b""),
    "not found": ("GET", "/nowhere", b""),
    "not allowed": ("DELETE", "/echo", b""),
}


# uvicorn sends chunks where an app does not say how long its one body is; we know.
SERVERS_OWN = ("date", "server", "content-length", "transfer-encoding", "connection")


def app_of(framework: str) -> App:
    app: App = importlib.import_module(f"tests.integration.frameworks.{framework}_app").app
    return app


@asynccontextmanager
async def under_us(app: App) -> AsyncIterator[str]:
    hosted = AsgiApp(app)
    await hosted.start()
    server = Server(hosted)
    host, port = await server.listen("127.0.0.1", 0)
    try:
        yield f"{host}:{port}"
    finally:
        await server.close(5)
        assert await hosted.stop(5) == 0


async def ask(address: str, method: str, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    async with httpx.AsyncClient() as client:
        found = await client.request(
            method, f"http://{address}{path}", content=body or None, headers={"content-type": "text/plain"}
        )
    kept = [(name, value) for name, value in found.headers.multi_items() if name not in SERVERS_OWN]
    return found.status_code, sorted(kept), found.content


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_a_request(framework: str, name: str) -> None:
    app = app_of(framework)

    async with under_uvicorn(app) as address:
        theirs = await ask(address, *REQUESTS[name])
    async with under_us(app) as address:
        ours = await ask(address, *REQUESTS[name])

    assert ours == theirs


async def talk(address: str) -> list[Any]:
    """Talk to an app, and return what it said and how it ended."""
    said: list[Any] = []
    uri = f"ws://{address}/ws?x=1"
    async with connect(uri, subprotocols=[Subprotocol("a"), Subprotocol("b")]) as socket:
        said.append(socket.subprotocol)
        for text in ("hello", "grüße", "x" * 100_000):
            await socket.send(text)
            said.append(await socket.recv())
        await socket.send("close")
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        said += [socket.close_code, socket.close_reason]
    async with connect(uri) as socket:
        await socket.close(3001, "enough")
        said.append(socket.close_code)
    return said


@pytest.mark.parametrize("framework", WITH_WEBSOCKETS)
async def test_a_websocket(framework: str) -> None:
    app = app_of(framework)

    async with under_uvicorn(app) as address:
        theirs = await talk(address)
    async with under_us(app) as address:
        ours = await talk(address)

    assert ours == theirs
    assert ours[1:3] == ["yes: hello", "yes: grüße"]
    assert ours[-3:] == [4001, "as asked", 3001]


@pytest.mark.parametrize(
    ("framework", "path"), [("starlette", "/refuse"), ("starlette", "/no"), ("fastapi", "/no")]
)
async def test_a_refused_websocket(framework: str, path: str) -> None:
    app, found = app_of(framework), []

    for under in (under_uvicorn, under_us):
        async with under(app) as address:
            with pytest.raises(InvalidStatus) as caught:
                await connect(f"ws://{address}{path}")
            response = caught.value.response
            found.append((response.status_code, response.body))

    assert found[0] == found[1]


async def test_an_endless_stream_ends_when_its_client_leaves() -> None:
    done: list[str] = importlib.import_module("tests.integration.frameworks.starlette_app").done
    done.clear()

    async with under_us(app_of("starlette")) as address, httpx.AsyncClient() as client:
        async with client.stream("GET", f"http://{address}/endless") as answer:
            assert await anext(answer.aiter_bytes()) == b"data: tick\n\n"
        while done != ["endless"]:  # noqa: ASYNC110  # the app knows of no event of ours
            await asyncio.sleep(0.01)
