"""What an app sends, and what its client gets: the answers, their framing, and what is wrong with an app."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from clearway.plug import Conn
from tests.conformance.asgi.hosted import GET, Actor, answer, hosted, piece, start
from tests.wire.memory import settle

HEAD = b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n"


async def test_one_body_is_one_write_with_its_length() -> None:
    gateway = await hosted(Actor(start(200, (b"Content-Type", b"text/plain")), piece(b"hello")))
    writes: list[bytes] = []
    client = gateway.connect()
    write = client.transport.write
    client.transport.write = lambda data: (writes.append(data), write(data))[1]  # type: ignore[method-assign, func-returns-value]

    client.send(GET)
    await settle()

    assert len(writes) == 1
    (found,) = await gateway.answers(GET)
    assert (found.status, found.body, found.complete) == (200, b"hello", True)
    assert (found.header("content-type"), found.header("content-length")) == ("text/plain", "5")


async def test_an_answer_that_is_here_at_once_costs_no_turn_of_the_loop() -> None:
    gateway = await hosted(Actor(start(), piece(b"hello")))

    client = gateway.connect()
    gateway.loop.call_soon(client.send, GET)
    await asyncio.sleep(0)

    assert gateway.outcomes == ["complete"]


async def test_pieces_are_chunks() -> None:
    found = await answer(Actor(start(), piece(b"one", more=True), piece(b"", more=True), piece(b"two")))

    assert (found.body, found.header("transfer-encoding"), found.complete) == (b"onetwo", "chunked", True)


async def test_pieces_of_a_known_length_are_not() -> None:
    length = (b"content-length", b"6")

    found = await answer(Actor(start(200, length), piece(b"one", more=True), piece(b"two")))

    assert (found.body, found.header("transfer-encoding"), found.header("content-length")) == (
        b"onetwo",
        None,
        "6",
    )


async def test_a_client_of_http_1_0_reads_pieces_until_the_end() -> None:
    app = Actor(start(), piece(b"one", more=True), piece(b"two"))

    found = await answer(app, b"GET / HTTP/1.0\r\n\r\n")

    assert (found.body, found.header("transfer-encoding"), found.header("connection")) == (
        b"onetwo",
        None,
        "close",
    )


@pytest.mark.parametrize(
    "events",
    [
        [start(200, (b"content-length", b"5")), piece(b"hello")],
        [start(200, (b"content-length", b"5")), piece(b"hel", more=True), piece(b"lo")],
        [start(200, (b"content-length", b"5")), piece(b"")],
    ],
)
async def test_head_gets_the_length_and_no_body(events: list[Any]) -> None:
    found = await answer(Actor(*events), HEAD, "HEAD")

    assert (found.status, found.body, found.header("content-length"), found.complete) == (200, b"", "5", True)


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body_has_none(status: int) -> None:
    found = await answer(Actor(start(status), piece(b"")))

    assert (found.status, found.body, found.header("transfer-encoding")) == (status, b"", None)


async def test_a_start_goes_out_by_itself_when_the_app_waits() -> None:
    go_on = asyncio.Event()

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start(200, (b"content-type", b"text/event-stream")))
        await go_on.wait()
        await send(piece(b"data: 1\n\n"))

    gateway = await hosted(app)
    client = await gateway.ask(GET)
    assert client.received.endswith(b"transfer-encoding: chunked\r\n\r\n")

    go_on.set()
    await settle()
    assert client.received.endswith(b"data: 1\n\n\r\n0\r\n\r\n")


async def test_headers_may_be_lists_and_come_from_an_iterator() -> None:
    event = {"type": "http.response.start", "status": 200, "headers": iter([[b"X-A", bytearray(b" 1 ")]])}

    found = await answer(Actor(event, piece(b"ok")))

    assert found.header("x-a") == "1"


async def test_what_plugs_have_put_stays_unless_the_app_says_otherwise() -> None:
    def plug(conn: Conn) -> Conn:
        conn = (
            conn.put_resp_header("x-a", "plug")
            .put_resp_header("x-b", "plug")
            .put_resp_header("vary", "origin")
        )
        return conn.register_before_send(lambda conn: conn.put_resp_header("x-hook", str(conn.status)))

    app = Actor(start(201, (b"x-a", b"app"), (b"vary", b"accept")), piece(b""))

    found = await answer(app, before=(plug,))

    assert (found.header("x-a"), found.header("x-b"), found.header("x-hook")) == ("app", "plug", "201")
    assert found.header("vary") == "origin, accept"


BAD_APPS = {
    "no start": ([piece(b"")], "before http.response.start"),
    "two starts": ([start(), start()], "where http.response.body belongs"),
    "another message": ([{"type": "http.response.trailers"}], "before http.response.start"),
    "after the end": ([start(), piece(b""), piece(b"")], "after the end"),
    "too long": ([start(200, (b"content-length", b"1")), piece(b"ab")], "longer than its content-length"),
    "too short": ([start(200, (b"content-length", b"3")), piece(b"ab")], "shorter than its content-length"),
    "piece too long": ([start(200, (b"content-length", b"1")), piece(b"ab", more=True)], "longer than its"),
    "length is no number": ([start(200, (b"content-length", b"x"))], "content-length is b'x'"),
    "name": ([start(200, (b"x y", b"1"))], "not the name of a header"),
    "value": ([start(200, (b"x", b"1\r\ny: 2"))], "holds a control character"),
    "text as header": (
        [{"type": "http.response.start", "status": 200, "headers": [("x", "y")]}],
        "pair of bytes",
    ),
    "text as body": ([start(), {"type": "http.response.body", "body": "hi"}], "is bytes, not str"),
    "status": ([start(99)], "is 200 to 999"),
    "no status": ([{"type": "http.response.start"}], "is a number, not None"),
}


@pytest.mark.parametrize("name", BAD_APPS)
async def test_an_app_that_breaks_the_protocol_hears_how(name: str) -> None:
    events, complaint = BAD_APPS[name]
    app = Actor(*events)

    found = await answer(app)

    assert [complaint in error for error in app.errors] == [True]
    assert found.status == (200 if name == "after the end" else 500)


async def test_an_app_that_raises_is_answered_for(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        raise LookupError("secret")

    found = await answer(app)

    assert (found.status, found.header("content-type"), found.complete) == (
        500,
        "application/problem+json",
        True,
    )
    assert b"secret" not in found.body
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)


@pytest.mark.parametrize("waits", [False, True])
async def test_an_app_that_raises_between_start_and_body_is_answered_for_while_it_can_be(waits: bool) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        if waits:
            await asyncio.sleep(0)
        raise LookupError

    found = await answer(app)

    assert (found.status, found.complete) == ((200, False) if waits else (500, True))


async def test_an_app_that_raises_amid_its_body_breaks_off() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        await send(piece(b"one", more=True))
        raise LookupError

    gateway = await hosted(app)
    client = await gateway.ask(GET)

    assert b"one" in client.received
    assert client.is_closed
    assert gateway.outcomes == ["error"]


@pytest.mark.parametrize(
    ("events", "status", "complaint"),
    [
        ([], 500, "without starting its response"),
        ([start()], 500, "without completing its response"),
        ([start(), piece(b"a", more=True)], 200, "without completing its response"),
    ],
)
async def test_an_app_that_returns_too_early(
    events: list[Any], status: int, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = await hosted(Actor(*events))

    client = await gateway.ask(GET)

    assert client.received.startswith(b"HTTP/1.1 %d" % status)
    assert client.is_closed == (status == 200)
    assert complaint in caplog.text


async def test_an_app_that_returns_something_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        await send(piece(b"ok"))
        return 123

    found = await answer(app)

    assert (found.status, found.body) == (200, b"ok")
    assert "the app returned 123" in caplog.text


async def test_what_an_app_does_after_its_answer_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    go_on, done = asyncio.Event(), []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await send(start())
        await send(piece(b"ok"))
        await go_on.wait()
        done.append(await receive())
        raise LookupError("in the background")

    gateway = await hosted(app)
    assert [each.body for each in await gateway.answers(GET * 3)] == [b"ok"] * 3

    go_on.set()
    await settle()
    assert done == [{"type": "http.disconnect"}] * 3
    assert caplog.text.count("the app failed after its response was complete") == 3
    assert "0 running" in repr(gateway.app)


async def test_pipelined_requests_are_answered_in_order() -> None:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        for _ in range(3 if scope["path"] == "/slow" else 0):
            await asyncio.sleep(0)
        await send(start())
        await send(piece(scope["raw_path"]))

    raw = b"".join(
        b"GET /%b HTTP/1.1\r\nhost: a\r\n\r\n" % each for each in (b"slow", b"quick", b"slow", b"quick")
    )

    found = await (await hosted(app)).answers(raw)

    assert [each.body for each in found] == [b"/slow", b"/quick", b"/slow", b"/quick"]


async def test_a_long_row_of_pipelined_requests_is_no_recursion() -> None:
    found = await (await hosted(Actor(start(), piece(b"ok")))).answers(GET * 3000)

    assert len(found) == 3000
