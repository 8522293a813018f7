"""Every way in which a WebSocket ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from clearway.http.websocket import WebSocketLimits
from tests.conformance.asgi.hosted import hosted
from tests.conformance.asgi.websocket_client import (
    CLOSE,
    CONNECT,
    HANDSHAKE,
    Room,
    connect,
    gone,
    text,
)
from tests.wire.memory import settle


async def test_a_client_closes() -> None:
    app = Room()
    client = await connect(await hosted(app))

    await client.close(3001, "enough")

    assert app.heard[1:] == [gone(3001, "enough")]
    assert client.close_code == 3001
    assert client.far_end.is_closed


async def test_a_client_closes_without_a_code() -> None:
    app = Room()
    client = await connect(await hosted(app))

    client.wire.send_close()
    await client.turn()

    assert app.heard[1:] == [gone(1005)]


@pytest.mark.parametrize("how", ["vanish", "send_eof"])
async def test_a_client_that_breaks_off_is_1006(how: str) -> None:
    app = Room()
    gateway = await hosted(app)
    client = await connect(gateway)

    getattr(client.far_end, how)()
    await client.turn()

    assert [event["code"] for event in app.heard[1:]] == [1006]
    assert gateway.server.statistics().open == 0


async def test_a_client_that_leaves_before_the_answer() -> None:
    app = Room()

    async def slow(scope, receive, send):  # type: ignore[no-untyped-def]
        for _ in range(100):
            await asyncio.sleep(0)
        await app(scope, receive, send)

    gateway = await hosted(slow)
    client = await gateway.ask(HANDSHAKE)
    client.vanish()
    await settle(200)

    assert app.heard == [CONNECT]
    assert [type(error) for error in app.errors] == [BrokenPipeError]
    assert gateway.outcomes == ["client_closed"]


@pytest.mark.parametrize(
    ("event", "code"), [(CLOSE, 1000), ({**CLOSE, "code": 4004, "reason": "no such room"}, 4004)]
)
async def test_an_app_closes(event: Any, code: int) -> None:
    app = Room(text("bye"), event)
    gateway = await hosted(app)

    client = await connect(gateway)
    await client.turn()

    assert (client.messages, client.close_code) == (["bye"], code)
    assert app.heard[1:] == [gone(code, event.get("reason", ""))]
    assert client.far_end.is_closed
    assert gateway.outcomes == ["complete"]


async def test_a_client_that_does_not_agree_to_the_end_is_cut_off() -> None:
    gateway = await hosted(Room(CLOSE), websockets=WebSocketLimits(close_s=2))
    client = await gateway.ask(HANDSHAKE)
    await gateway.pass_time(1)
    assert not client.is_closed

    await gateway.pass_time(2)
    assert client.was_aborted


async def test_an_app_that_returns_closes_with_1000_and_one_that_raises_with_1011() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send({"type": "websocket.accept"})
        await asyncio.sleep(0)
        if scope["path"] == "/raises":
            raise LookupError

    gateway = await hosted(app)
    codes = [(await connect(gateway, path)).close_code for path in ("/returns", "/raises")]

    assert codes == [1000, 1011]


@pytest.mark.parametrize("raises", [False, True])
async def test_an_app_that_ends_before_it_answers_is_answered_for(raises: bool) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        if raises:
            raise LookupError

    client = await connect(await hosted(app))

    assert client.response is not None
    assert client.response.status_code == 500


MISTAKES = {
    "a message before the answer": (text("hello"), []),
    "two answers": (None, [{"type": "websocket.accept"}]),
    "an empty message": (None, [{"type": "websocket.send"}]),
    "after the end": (None, [CLOSE, text("more")]),
    "no body of a refusal": ({"type": "websocket.http.response.start", "status": 403}, [CLOSE]),
    "a status that is none": ({"type": "websocket.http.response.start", "status": 70}, []),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_an_app_that_breaks_the_protocol_hears_how(mistake: str) -> None:
    accept, said = MISTAKES[mistake]
    app = Room(*said, accept=accept)

    client = await connect(await hosted(app))

    (error,) = app.errors
    assert str(error).startswith(("the app sent", "the status"))
    assert not client.is_open


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"\xff").serialize(mask=True), 1007),
        (Frame(Opcode.TEXT, b"x" * 11).serialize(mask=True), 1009),
        (Frame(Opcode.TEXT, b"not masked").serialize(mask=False), 1002),
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=True), 1002),
        (b"\xff\xff", 1002),
        (
            Frame(Opcode.TEXT, b"12345678", fin=False).serialize(mask=True)
            + Frame(Opcode.CONT, b"12345").serialize(mask=True),
            1009,
        ),
    ],
)
async def test_what_a_client_must_not_send_closes_with_a_code(data: bytes, code: int) -> None:
    app = Room()
    client = await connect(await hosted(app, websockets=WebSocketLimits(message_bytes=10)))

    await client.send_raw(data)

    assert client.close_code == code
    assert [event["code"] for event in app.heard[1:]] == [code]
    assert client.far_end.is_closed


async def test_a_compressed_message_is_held_to_the_limit_by_what_is_in_it() -> None:
    client = await connect(await hosted(Room(), websockets=WebSocketLimits(message_bytes=1000)), deflate=True)

    await client.send("x" * 100_000)

    assert client.close_code == 1009
