"""The apps that every ASGI server is asked to serve: the smallest one, and FastAPI's."""

from __future__ import annotations

from typing import Any

try:
    from fastapi import FastAPI
except ImportError:  # an environment of a server's own
    fast = None
else:
    fast = FastAPI(openapi_url=None)

    @fast.get("/items/{number}")
    async def item(number: int, page: int = 1) -> dict[str, Any]:
        """Answer with what was asked for."""
        return {"hello": "world", "number": number, "page": page}


BODY = b'{"hello":"world","number":7,"page":2}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]


async def raw(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the same bytes, without a framework."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
