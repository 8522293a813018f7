"""The pages as a plug, under our server and under uvicorn: the loop goes on, a client that leaves ends it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from clearway.http import Server
from clearway.plug import Conn, Pipeline, Router, get
from clearway.plug.asgi import asgi_app
from clearway.pprof.endpoints import PprofEndpoints
from tests.integration.asgi_server import under_uvicorn
from tests.integration.pprof.client import ask, request, until
from tests.unit.pprof.web.collectors import Beans, pages_of

PROFILE = "/debug/pprof/profile"


@asynccontextmanager
async def under_clearway(pipeline: Pipeline) -> AsyncIterator[str]:
    server = Server(pipeline)
    host, port = await server.listen("127.0.0.1", 0)
    yield f"{host}:{port}"
    await server.close(drain_s=0)


def under_asgi(pipeline: Pipeline) -> AbstractAsyncContextManager[str]:
    return under_uvicorn(asgi_app(pipeline))


Serve = Callable[[Pipeline], AbstractAsyncContextManager[str]]
both = pytest.mark.parametrize("serve", [under_clearway, under_asgi])


def hello(conn: Conn) -> Conn:
    return conn.send_resp(200, "hello")


def app(*collectors: Beans) -> Pipeline:
    return Pipeline(PprofEndpoints(pages=pages_of(*collectors)), Router(get("/", hello)))


@both
async def test_the_loop_goes_on_while_a_profile_is_recorded(serve: Serve) -> None:
    cpu = Beans("profile", seconds=30.0)

    async with serve(app(cpu)) as address:
        recorded = asyncio.ensure_future(
            asyncio.to_thread(ask, address, f"{PROFILE}?seconds=0.5", connection="close")
        )
        await asyncio.to_thread(until, lambda: cpu.begun)
        greeted = await asyncio.to_thread(ask, address, "/", connection="close")

        assert not recorded.done()
        assert greeted.body == b"hello"
        assert (await recorded).body == b"0 beans in proto"


@both
async def test_a_client_that_leaves_ends_its_recording(serve: Serve) -> None:
    cpu = Beans("profile", seconds=30.0)

    async with serve(app(cpu)) as address:
        host, _, port = address.rpartition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(request(PROFILE, host="localhost"))
        await asyncio.to_thread(until, lambda: cpu.begun)

        # A reset, because our own server lets a client that closes its sending side wait for half_close_s.
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

        await asyncio.to_thread(until, lambda: cpu.cancelled)
        again = await asyncio.to_thread(ask, address, f"{PROFILE}?seconds=0.01", connection="close")
        assert again.status == 200
