"""Every adapter keeps the same contract: ours on the socket, and ASGI under uvicorn and under us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from clearway.gateway.hosting import AsgiApp
from clearway.http import Server
from clearway.plug import Plug
from clearway.plug.asgi import asgi_app
from clearway.testing import Serve, adapter_checks, check_adapter
from tests.integration.asgi_server import under_uvicorn

pytestmark = pytest.mark.slow


@asynccontextmanager
async def our_server(plug: Plug) -> AsyncIterator[str]:
    server = Server(plug)
    host, port = await server.listen("127.0.0.1", 0)
    try:
        yield f"{host}:{port}"
    finally:
        await server.close(drain_s=1)


def asgi_on_httptools(plug: Plug) -> AbstractAsyncContextManager[str]:
    return under_uvicorn(asgi_app(plug))


def asgi_on_h11(plug: Plug) -> AbstractAsyncContextManager[str]:
    return under_uvicorn(asgi_app(plug), http="h11")


def asgi_on_ourselves(plug: Plug) -> AbstractAsyncContextManager[str]:
    """A pipeline as an app, hosted by us: what the app says has to come through unchanged."""
    return our_server(AsgiApp(asgi_app(plug)))


ADAPTERS: list[Serve] = [our_server, asgi_on_httptools, asgi_on_h11, asgi_on_ourselves]


@pytest.mark.parametrize("serve", ADAPTERS, ids=lambda serve: serve.__name__)
@pytest.mark.parametrize("name", adapter_checks())
async def test_an_adapter(name: str, serve: Serve) -> None:
    await check_adapter(serve, only=name)
