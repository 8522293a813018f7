"""Starlette."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

done: list[str] = []


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
    yield {"started": "yes"}


async def hello(request: Request) -> Response:
    answer = JSONResponse({"hello": request.path_params["name"], "started": request.state.started})
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body(), background=BackgroundTask(done.append, "echo"))


async def stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"piece %d\n" % number
            await asyncio.sleep(0)

    return StreamingResponse(pieces(), media_type="text/plain")


async def endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: tick\n\n"
                await asyncio.sleep(0.01)
        finally:
            done.append("endless")

    return StreamingResponse(pieces(), media_type="text/event-stream")


async def fail(request: Request) -> Response:
    raise LookupError("planted")


async def where(request: Request) -> Response:
    return PlainTextResponse(str(request.url_for("inner:where")))


async def ws(socket: WebSocket) -> None:
    await socket.accept(subprotocol="b" if "b" in socket.scope["subprotocols"] else None)
    async for text in socket.iter_text():
        if text == "close":
            await socket.close(4001, "as asked")
            return
        await socket.send_text(f"{socket.state.started}: {text}")


async def refuse(socket: WebSocket) -> None:
    await socket.send_denial_response(PlainTextResponse("full", 429))


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/hello/{name}", hello),
        Route("/echo", echo, methods=["POST"]),
        Route("/stream", stream),
        Route("/endless", endless),
        Route("/fail", fail),
        Mount("/inner", name="inner", routes=[Route("/where", where, name="where")]),
        WebSocketRoute("/ws", ws),
        WebSocketRoute("/refuse", refuse),
    ],
)
