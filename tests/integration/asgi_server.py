"""An ASGI app under real uvicorn, in the event loop of the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from clearway.plug.asgi import App

__all__ = ["under_uvicorn"]


@asynccontextmanager
async def under_uvicorn(app: App, *, http: str = "httptools", root_path: str = "") -> AsyncIterator[str]:
    """Serve `app` for the length of the block, and give its address."""
    config = uvicorn.Config(
        app, http=http, root_path=root_path, log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            assert not serving.done(), "uvicorn did not start"
            await asyncio.sleep(0.002)
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
