"""The proxy that a Python team writes today: a bare ASGI app, httpx with a shared pool, bodies streamed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import httpx

UPSTREAM = os.environ["UPSTREAM"]
HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
client = httpx.AsyncClient(
    base_url=UPSTREAM,
    limits=httpx.Limits(max_connections=256, max_keepalive_connections=256, keepalive_expiry=3600),
)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Forward one HTTP request; anything else (lifespan) is refused, which uvicorn takes as "not wanted"."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    url = httpx.URL(path=scope["path"], query=scope["query_string"])
    headers = [(name, value) for name, value in scope["headers"] if name not in HOP_BY_HOP]
    content = _body(receive) if scope["method"] not in {"GET", "HEAD"} else None
    request = client.build_request(scope["method"], url, headers=headers, content=content)
    response = await client.send(request, stream=True)
    try:
        lowered = [(name.lower(), value) for name, value in response.headers.raw]
        fields = [(name, value) for name, value in lowered if name not in HOP_BY_HOP]
        await send({"type": "http.response.start", "status": response.status_code, "headers": fields})
        async for chunk in response.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        await response.aclose()


async def _body(receive: Any) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
