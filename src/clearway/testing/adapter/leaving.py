"""What happens when the client leaves: everybody who works for it stops, and is told why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from clearway.plug.conn import Conn
from clearway.plug.deferred import Deferred
from clearway.plug.errors import ClientClosedError
from clearway.plug.pipeline import Pipeline, Plug
from clearway.plug.stream import Stream
from clearway.testing.adapter.parts import GET, Check, Endings, Serve, connected, post, same

__all__ = ["CHECKS"]


class Scene:
    """What is going on in a plug when the client leaves."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.stopped = asyncio.Event()

    def pause(self) -> None:
        """Play the source of a stream."""

    def resume(self) -> None:
        """Play the source of a stream."""

    def cancel(self) -> None:
        """Play the source of a stream that learns that nobody reads on."""
        self.stopped.set()

    async def forever(self) -> None:
        """Wait until cancelled."""
        self.began.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.stopped.set()


async def leave(serve: Serve, scene: Scene, plug: Plug, request: bytes = GET) -> None:
    """Leave while `plug` is at it, and see that it stops and that the end is told as what it was."""
    endings = Endings()
    async with connected(serve, lambda conn: conn, endings, plug) as wire:
        await wire.send(request)
        await scene.began.wait()
        wire.abort()
        await scene.stopped.wait()
        conn, sent = await endings.one()
        same(sent.outcome, "client_closed", "outcome")
        same(conn.method, request.partition(b" ")[0].decode(), "method")


async def cancels_an_async_plug_whose_client_has_left(serve: Serve) -> None:
    """Alone, and with plugs behind it that do not run."""
    for behind in ((), (lambda conn: conn.send_resp(200),)):
        scene = Scene()

        async def wait(conn: Conn, scene: Scene = scene) -> Conn:
            await scene.forever()
            return conn

        await leave(serve, scene, Pipeline(wait, *behind))


async def cancels_a_deferred_whose_client_has_left(serve: Serve) -> None:
    """Its producer is told."""
    scene = Scene()

    def wait(conn: Conn) -> Deferred[Conn]:
        scene.began.set()
        return Deferred(on_cancel=scene.stopped.set)

    await leave(serve, scene, wait)


async def stops_iterating_for_a_client_that_has_left(serve: Serve) -> None:
    """A generator's `finally` runs."""
    scene = Scene()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await scene.forever()

    await leave(serve, scene, lambda conn: conn.send_resp(200, pieces()))


async def cancels_the_stream_of_a_client_that_has_left(serve: Serve) -> None:
    """The source is told, also when it has nothing to send."""
    scene = Scene()

    def stream(conn: Conn) -> Conn:
        body = Stream(scene)
        body.feed(b"first")
        asyncio.get_running_loop().call_later(0.02, scene.began.set)
        return conn.send_resp(200, body)

    await leave(serve, scene, stream)


async def breaks_off_a_request_body_whose_client_has_left(serve: Serve) -> None:
    """Its reader gets `ClientClosedError`."""
    scene = Scene()

    async def read(conn: Conn) -> Conn:
        await anext(conn.body)
        scene.began.set()
        try:
            await anext(conn.body)
        except (ClientClosedError, asyncio.CancelledError):
            scene.stopped.set()
            raise
        return conn

    await leave(serve, scene, read, post(b"hello")[:-1])


CHECKS: tuple[Check, ...] = (
    cancels_an_async_plug_whose_client_has_left,
    cancels_a_deferred_whose_client_has_left,
    stops_iterating_for_a_client_that_has_left,
    cancels_the_stream_of_a_client_that_has_left,
    breaks_off_a_request_body_whose_client_has_left,
)
