"""What happens under ASGI when the client leaves, or the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from clearway.plug import Conn, Deferred, Pipeline, Plug, Stream
from clearway.plug.asgi import AsgiMiddleware, Receive, Scope, Send, asgi_app
from tests.unit.plug.asgi.actors import Ends, echo, hello
from tests.unit.plug.asgi.stage import GONE, Stage, pieces


async def for_ever(conn: Conn) -> Conn:
    await asyncio.get_running_loop().create_future()
    return conn


def deferred_for_ever(conn: Conn) -> Deferred[Conn]:
    return Deferred()


async def endless() -> AsyncIterator[bytes]:
    yield b"hel"
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("plug", "ended"),
    [
        (for_ever, (None, 0, "client_closed")),
        (deferred_for_ever, (None, 0, "client_closed")),
        (lambda c: c.send_resp(200, endless()), (200, 3, "client_closed")),
        (lambda c: c.send_resp(200, Stream()), (200, 0, "client_closed")),
    ],
    ids=["a coroutine", "a deferred", "a generator", "a stream"],
)
async def test_waiting_ends_when_the_client_leaves(plug: Plug, ended: tuple[int | None, int, str]) -> None:
    ends = Ends()

    await Stage([*pieces(b""), GONE]).play(asgi_app(Pipeline(ends, plug)))

    assert ends.outcome == ended


@pytest.mark.parametrize("plug", [hello, lambda c: c.send_resp(200, Stream.of(b"hello"))])
async def test_a_send_that_fails_is_the_clients_leaving(plug: Plug) -> None:
    ends = Ends()

    await Stage(dies_after=1).play(asgi_app(Pipeline(ends, plug)))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_sees_the_error_of_a_send_that_fails() -> None:
    ends = Ends()

    async def careful(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        with pytest.raises(OSError, match="gone"):
            await send({"type": "http.response.body", "body": b"hey"})

    await Stage(dies_after=1).play(AsgiMiddleware(careful, ends))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_that_fails_because_its_client_left_is_the_servers_to_judge() -> None:
    ends = Ends()

    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        await echo(scope, receive, send)

    with pytest.raises(OSError, match="gone"):
        await Stage(pieces(b"hey"), dies_after=1).play(AsgiMiddleware(careless, ends))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_that_gives_up_on_a_client_that_left_is_no_error() -> None:
    ends = Ends()

    async def gives_up(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == GONE

    await Stage([GONE]).play(AsgiMiddleware(gives_up, ends))

    assert ends.outcome == (None, 0, "client_closed")


async def test_a_server_that_stops_is_told_apart_from_a_client_that_leaves() -> None:
    ends = Ends()
    request = asyncio.ensure_future(Stage().play(asgi_app(Pipeline(ends, for_ever))))
    await asyncio.sleep(0)
    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request
    assert ends.outcome == (None, 0, "cancelled")


async def test_a_stream_that_is_not_read_to_its_end_is_cancelled() -> None:
    told: list[str] = []

    class Tap:
        def pause(self) -> None: ...

        def resume(self) -> None: ...

        def cancel(self) -> None:
            told.append("cancel")

    body = Stream(Tap())
    body.feed(b"hel")
    await Stage(dies_after=0).play(asgi_app(lambda c: c.send_resp(200, body)))

    assert told == ["cancel"]


async def later(conn: Conn) -> Conn:
    await asyncio.sleep(0)
    return conn


async def test_plugs_that_wait_leave_no_task_behind() -> None:
    before = asyncio.all_tasks()

    await Stage(pieces(b"")).play(AsgiMiddleware(echo, later))
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == before
