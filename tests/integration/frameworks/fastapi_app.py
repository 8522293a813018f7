"""FastAPI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import Body, FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import PlainTextResponse, StreamingResponse

# Annotations must be there when FastAPI reads them.
__all__ = ["AsyncIterator", "Iterator", "Request", "Response", "app"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
    yield {"started": "yes"}


app = FastAPI(lifespan=lifespan)
app.add_middleware(GZipMiddleware, minimum_size=500)


@app.middleware("http")
async def stamp(request: Request, call_next):  # type: ignore[no-untyped-def]
    answer = await call_next(request)
    answer.headers["x-stamp"] = request.url.path
    return answer


@app.get("/hello/{name}")
def hello(name: str, request: Request) -> dict[str, str]:  # in a thread
    return {"hello": name, "started": request.state.started}


@app.post("/echo")
async def echo(data: bytes = Body(media_type="text/plain")) -> Response:
    return PlainTextResponse(data)


@app.get("/stream")
async def stream() -> Response:
    def pieces() -> Iterator[bytes]:
        yield from (b"piece %d\n" % number for number in range(3))

    return StreamingResponse(pieces(), media_type="text/plain")


@app.get("/fail")
async def fail() -> None:
    raise HTTPException(418, "planted")


@app.websocket("/ws")
async def ws(socket: WebSocket) -> None:
    await socket.accept(subprotocol="b" if "b" in socket.scope["subprotocols"] else None)
    try:
        while (text := await socket.receive_text()) != "close":
            await socket.send_text(f"{socket.state.started}: {text}")
        await socket.close(4001, "as asked")
    except WebSocketDisconnect:
        return
