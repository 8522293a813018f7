"""Litestar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, WebSocket, get, post, websocket
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream

__all__ = ["AsyncIterator", "app"]

started: list[str] = []


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    started.append("yes")
    yield


@get("/hello/{name:str}")
async def hello(name: FromPath[str]) -> dict[str, str]:
    return {"hello": name, "started": started[-1]}


@post("/echo", status_code=200)
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(await request.body(), media_type="text/plain")


@get("/stream")
async def stream() -> Stream:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"piece %d\n" % number

    return Stream(pieces(), media_type="text/plain")


@get("/fail")
async def fail() -> None:
    raise HTTPException(status_code=418, detail="planted")


@websocket("/ws")
async def ws(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept(subprotocols="b" if "b" in socket.scope["subprotocols"] else None)
    while (text := await socket.receive_text()) != "close":
        await socket.send_text(f"{started[-1]}: {text}")
    await socket.close(4001, "as asked")


app = Litestar([hello, echo, stream, fail, ws], lifespan=[lifespan], openapi_config=None)
