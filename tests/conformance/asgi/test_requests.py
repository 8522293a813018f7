"""A request's body on its way to an app, and clients that leave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clearway.http import ServerLimits
from tests.conformance.asgi.hosted import GET, POST, answer, body_event, hosted, piece, start
from tests.wire.memory import settle

BODY = b'{"hello": "world"}'
DISCONNECT = {"type": "http.disconnect"}


async def echo(scope, receive, send):  # type: ignore[no-untyped-def]
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    await send(start())
    await send(piece(body))


class Listener:
    """An app that keeps what it receives until the client has left, and answers on the way."""

    def __init__(self, answer_after: int = -1) -> None:
        self.events: list[Any] = []
        self.answer_after = answer_after

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        while DISCONNECT not in self.events:
            if len(self.events) == self.answer_after:
                await send(start())
                await send(piece(b"ok"))
            self.events.append(await receive())


@pytest.mark.parametrize("step", [0, 1, 7])
async def test_a_body_arrives_whole(step: int) -> None:
    gateway = await hosted(echo)

    client = await gateway.ask(POST + BODY, piece=step)

    assert client.received.endswith(BODY)


async def test_a_body_that_is_here_is_one_event() -> None:
    app = Listener()
    gateway = await hosted(app)

    client = await gateway.ask(POST + BODY)
    assert app.events == [body_event(BODY)]

    client.vanish()
    await settle()
    assert app.events == [body_event(BODY), DISCONNECT]


async def test_what_came_meanwhile_comes_together() -> None:
    app = Listener()
    gateway = await hosted(app)
    client = await gateway.ask(POST)
    client.send(BODY[:4]).send(BODY[4:9])
    await settle()
    client.send(BODY[9:])
    await settle()

    assert app.events == [body_event(BODY[:9], more=True), body_event(BODY[9:])]


async def test_a_request_without_a_body_is_one_empty_event() -> None:
    app = Listener()
    gateway = await hosted(app)

    client = await gateway.ask(GET)
    client.send_eof()
    await gateway.pass_time(11)

    assert app.events == [body_event(b""), DISCONNECT]


async def test_after_the_answer_there_is_nothing_to_receive() -> None:
    app = Listener(answer_after=1)

    await answer(app)

    assert app.events == [body_event(b""), DISCONNECT]


async def test_a_body_that_nobody_reads_is_not_taken() -> None:
    go_on = asyncio.Event()

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await go_on.wait()
        await echo(scope, receive, send)

    gateway = await hosted(app)
    size = 1 << 20
    client = gateway.connect().send(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size)
    client.send(b"x" * size, piece=16 * 1024)
    await settle()
    assert len(client.transport._arrived) * 16 * 1024 > size // 2  # type: ignore[attr-defined]

    go_on.set()
    await settle(200)
    assert client.received.endswith(b"x" * 1000)


async def test_a_client_that_waits_for_100_is_told_when_the_app_reads() -> None:
    raw = POST[:-2] + b"expect: 100-continue\r\n\r\n"
    gateway = await hosted(echo)

    client = await gateway.ask(raw)
    assert client.received == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(BODY)
    await settle()
    assert client.received.endswith(BODY)


async def test_and_is_not_told_when_the_app_does_not() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start(403))
        await send(piece(b""))

    client = await (await hosted(app)).ask(POST[:-2] + b"expect: 100-continue\r\n\r\n")

    assert client.received.startswith(b"HTTP/1.1 403")


async def test_a_body_that_is_too_long_is_413_and_a_disconnect() -> None:
    app = Listener()
    gateway = await hosted(app, limits=ServerLimits(body_bytes=10))
    raw = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n"

    client = await gateway.ask(raw)
    client.send(b"9\r\n123456789\r\n")
    await settle()

    assert client.received.startswith(b"HTTP/1.1 413")
    assert app.events == [body_event(b"12345", more=True), DISCONNECT]


async def test_a_body_that_is_too_slow_is_408_and_a_disconnect() -> None:
    app = Listener()
    gateway = await hosted(app, limits=ServerLimits(body_read_s=1))

    client = await gateway.ask(POST)
    await gateway.pass_time(2)

    assert client.received.startswith(b"HTTP/1.1 408")
    assert app.events == [DISCONNECT]


async def test_two_tasks_of_an_app_may_receive() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        events = await asyncio.gather(receive(), receive())
        await send(start())
        await send(piece(b" ".join(event.get("body", b"-") for event in events)))

    gateway = await hosted(app)
    client = await gateway.ask(POST)
    client.send(BODY[:5])
    await settle()
    client.send(BODY[5:])
    await settle()

    assert client.received.endswith(BODY[:5] + b" " + BODY[5:])


async def test_a_client_that_has_left_is_no_error_to_send_to() -> None:
    seen: list[Any] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await receive()
        seen.append(await receive())
        await send(start())
        await send(piece(b"one", more=True))
        await send(piece(b"two"))
        seen.append("sent")

    gateway = await hosted(app)
    client = await gateway.ask(GET)
    client.vanish()
    await settle()

    assert seen == [DISCONNECT, "sent"]
    assert gateway.outcomes == ["client_closed"]


async def test_send_waits_while_the_client_is_slow() -> None:
    sent: list[int] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        for number in range(100):
            await send(piece(b"x" * 10_000, more=True))
            sent.append(number)
        await send(piece(b""))

    gateway = await hosted(app, limits=ServerLimits(unsent_bytes=50_000))
    client = gateway.connect()
    client.room = 20_000
    client.send(GET)
    await settle(50)
    assert len(sent) < 20

    client.take()
    await settle(300)
    assert len(sent) == 100
    assert client.received.endswith(b"0\r\n\r\n")


async def test_who_waits_for_a_slow_client_hears_that_it_left() -> None:
    ended: list[str] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        for _ in range(100):
            await send(piece(b"x" * 10_000, more=True))
        ended.append((await receive())["type"])

    gateway = await hosted(app, limits=ServerLimits(unsent_bytes=50_000))
    client = gateway.connect()
    client.room = 0
    client.send(GET)
    await settle()
    client.vanish()
    await settle(50)

    assert ended == ["http.disconnect"]
