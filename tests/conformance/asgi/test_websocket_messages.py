"""Messages of WebSockets, both ways, and their flow."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.frames import Frame, Opcode

from clearway.http import ServerLimits
from clearway.http.websocket import WebSocketLimits
from clearway.plug import Conn
from tests.conformance.asgi.hosted import hosted
from tests.conformance.asgi.websocket_client import (
    CONNECT,
    HANDSHAKE,
    Room,
    connect,
    gone,
    received,
    text,
)
from tests.wire.memory import settle


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize(
    "message", ["hello", "", "grüße \U0001f600", b"\x00\xff", b"", "x" * 200_000, b"y" * 200_000]
)
async def test_messages_go_both_ways(message: str | bytes, deflate: bool) -> None:
    app = Room(echo=True)
    client = await connect(await hosted(app), deflate=deflate)

    await client.send(message)

    assert client.messages == [message]
    assert app.heard[1:] == [received(**{"text" if isinstance(message, str) else "bytes": message})]
    assert bool(client.wire.extensions) == deflate


async def test_deflate_can_be_left_out() -> None:
    client = await connect(
        await hosted(Room(echo=True), websockets=WebSocketLimits(deflate=False)), deflate=True
    )

    await client.send("hello")

    assert (client.messages, client.wire.extensions) == (["hello"], [])


async def test_fragments_are_one_message() -> None:
    app = Room(echo=True)
    client = await connect(await hosted(app))

    await client.send("one ", fin=False)
    client.wire.send_ping(b"between")
    client.wire.send_continuation(b"two ", fin=False)
    client.wire.send_continuation(b"three", fin=True)
    await client.turn()

    assert app.heard[1:] == [received(text="one two three")]
    assert [frame.opcode for frame in client.frames] == [Opcode.PONG, Opcode.TEXT]


async def test_a_message_may_come_with_the_handshake() -> None:
    app = Room()
    hello = Frame(Opcode.TEXT, b"hello").serialize(mask=True)

    await connect(await hosted(app), behind=hello)

    assert app.heard == [CONNECT, received(text="hello")]


async def test_and_while_a_plug_thinks() -> None:
    go_on = asyncio.Event()

    async def plug(conn: Conn) -> Conn:
        await go_on.wait()
        return conn

    app = Room(echo=True)
    client = await connect(await hosted(app, before=(plug,)))
    await client.send_raw(Frame(Opcode.TEXT, b"hello").serialize(mask=True))
    go_on.set()
    await client.turn()

    assert client.messages == ["hello"]


async def test_an_app_may_say_something_at_once() -> None:
    client = await connect(await hosted(Room(text("one"), text("two"))))

    assert client.messages == ["one", "two"]


async def test_pings_are_sent_and_their_pongs_wanted() -> None:
    app = Room()
    gateway = await hosted(app, websockets=WebSocketLimits(ping_interval_s=5, ping_timeout_s=3))
    client = await connect(gateway)

    for _ in range(3):
        await gateway.pass_time(6)
        await client.turn()  # answers
        await client.turn()
    assert [frame.opcode for frame in client.frames] == [Opcode.PING] * 3
    assert client.is_open

    await gateway.pass_time(6)
    await gateway.pass_time(4)
    await client.turn()
    assert client.close_code == 1011
    assert [event["code"] for event in app.heard[1:]] == [1011]


async def test_pings_can_be_left_out() -> None:
    gateway = await hosted(Room(), websockets=WebSocketLimits(ping_interval_s=0))
    client = await connect(gateway)

    await gateway.pass_time(200)
    await client.turn()

    assert (client.frames, client.is_open) == ([], True)


async def test_a_slow_app_stops_the_client_and_is_not_pinged_to_death() -> None:
    app = Room()
    app.may_hear.clear()
    gateway = await hosted(
        app, websockets=WebSocketLimits(queued_bytes=1000, ping_interval_s=5, ping_timeout_s=1)
    )
    client = await connect(gateway)

    for number in range(20):
        await client.send(f"{number:0100}")
    assert client.far_end.transport._arrived  # type: ignore[attr-defined]  # what nobody has read yet
    await gateway.pass_time(20)
    assert client.is_open

    app.may_hear.set()
    await client.turn(60)
    await client.turn(60)
    assert [int(event["text"]) for event in app.heard[1:]] == list(range(20))


async def test_send_waits_while_the_client_is_slow() -> None:
    sent: list[int] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send({"type": "websocket.accept"})
        for number in range(100):
            await send({"type": "websocket.send", "bytes": b"x" * 10_000})
            sent.append(number)

    gateway = await hosted(app, limits=ServerLimits(unsent_bytes=50_000))
    client = gateway.connect()
    client.room = 500
    gateway.loop.call_soon(client.send, HANDSHAKE)
    await settle(50)
    assert len(sent) < 20

    client.take()
    await settle(300)
    assert len(sent) == 100


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    app = Room(*[{"type": "websocket.send", "bytes": b"x" * 100_000}] * 3)
    gateway = await hosted(
        app, websockets=WebSocketLimits(send_s=5), limits=ServerLimits(unsent_bytes=50_000)
    )
    client = gateway.connect()
    client.room = 500
    gateway.loop.call_soon(client.send, HANDSHAKE)
    await gateway.pass_time(7)

    assert client.was_aborted
    assert [type(error) for error in app.errors] in ([], [BrokenPipeError])


async def test_a_server_that_stops_closes_with_1012() -> None:
    app = Room()
    gateway = await hosted(app)
    client = await connect(gateway)

    closing = asyncio.create_task(gateway.server.close(drain_s=5))
    await client.turn()
    await client.turn()

    assert client.close_code == 1012
    assert app.heard[1:] == [gone(1012, "the server stops")]
    assert await closing == 0


async def test_a_message_of_json_that_an_app_reads_after_the_client_closed() -> None:
    app = Room()
    app.may_hear.clear()
    client = await connect(await hosted(app))
    await client.send(json.dumps({"n": 1}))
    await client.close()

    app.may_hear.set()
    await settle()

    assert app.heard[1:] == [received(text='{"n": 1}'), gone(1000)]
