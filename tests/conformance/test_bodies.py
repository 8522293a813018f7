"""Bodies on the wire: how a request's is asked for and read, how a response's is framed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from clearway.plug import Conn, Headers, Stream
from tests.wire.answers import Answer, read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"
OLD_KEPT = b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
EXPECTING = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


async def swallow(conn: Conn) -> Conn:
    return conn.send_resp(200, b"%d" % len(await conn.fetch_body()))


def answers_of(client: FarEnd, *methods: str) -> list[Answer]:
    return read_answers(client.received, *methods, closed=client.is_closed)


# Requests


@pytest.mark.parametrize("size", [1, 65_000, 65_536, 70_000, 300_000])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_comes_in_one_read_is_read_whole(size: int, chunked: bool) -> None:
    gateway = await Gateway(swallow).open()
    framing = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % size
    body = b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n" if chunked else b"x" * size

    client = await gateway.ask(b"POST / HTTP/1.1\r\nhost: a\r\n" + framing + b"\r\n\r\n" + body + GET)

    assert [answer.body for answer in answers_of(client)] == [b"%d" % size, b"0"]


async def test_100_continue_is_sent_when_the_body_is_asked_for() -> None:
    gateway = await Gateway(swallow).open()
    client = await gateway.ask(EXPECTING)
    assert client.received == INTERIM

    client.send(b"hello" + GET)
    await settle()

    assert client.received.count(INTERIM) == 1
    assert [answer.body for answer in answers_of(client)] == [b"5", b"0"]


async def test_100_continue_is_not_sent_for_a_body_that_came_anyway() -> None:
    gateway = await Gateway(swallow).open()

    client = await gateway.ask(EXPECTING + b"hello")

    assert [answer.body for answer in answers_of(client)] == [b"5"]


async def test_a_request_behind_a_body_that_came_without_100_continue_is_read() -> None:
    gateway = await Gateway(swallow).open()
    client = await gateway.ask(EXPECTING + b"hello")

    client.send(GET)
    await settle()

    assert [answer.body for answer in answers_of(client)] == [b"5", b"0"]


async def test_a_request_behind_a_body_that_was_read_late_is_read() -> None:
    """The body fills what a stream may hold in the very read in which it ends."""
    wait: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def slow(conn: Conn) -> Conn:
        await wait
        return await swallow(conn)

    gateway = await Gateway(slow).open()
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 90000\r\n\r\n"
    client = await gateway.ask(head + b"x" * 60_000)
    client.send(b"x" * 30_000)
    await settle()
    wait.set_result(None)
    await settle()

    client.send(GET)
    await settle()

    assert [answer.body for answer in answers_of(client)] == [b"90000", b"0"]


async def test_a_body_that_nobody_asks_for_is_not_continued() -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(403, b"no")).open()

    client = await gateway.ask(EXPECTING)

    (answer,) = answers_of(client)
    assert (answer.status, answer.header("connection"), answer.informed) == (403, "close", [])
    assert client.is_closed


async def test_expect_without_a_body_is_not_continued() -> None:
    gateway = await Gateway(swallow).open()

    client = await gateway.ask(EXPECTING.replace(b"content-length: 5", b"content-length: 0"))

    assert [answer.informed for answer in answers_of(client)] == [[]]
    assert not client.is_closed


async def test_a_request_behind_an_unread_body_is_not_answered() -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, b"early")).open()
    client = gateway.connect().send(EXPECTING.replace(b"expect: 100-continue\r\n", b""))
    await settle()

    client.send(b"hello" + GET)
    await settle()

    (answer,) = answers_of(client)
    assert answer.header("connection") == "close"
    assert len(gateway.sent) == 1


async def test_an_unread_body_that_came_whole_does_not_end_the_connection() -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, conn.method)).open()
    raw = EXPECTING.replace(b"expect: 100-continue\r\n", b"")

    client = await gateway.ask(raw + b"hello" + GET)

    assert [answer.body for answer in answers_of(client)] == [b"POST", b"GET"]


async def test_a_client_that_closes_its_sending_side_is_answered() -> None:
    gateway = await Gateway(swallow).open()
    client = gateway.connect().send(GET + GET)
    client.send_eof()
    await settle()

    assert [answer.status for answer in answers_of(client)] == [200, 200]
    assert client.is_closed


@pytest.mark.parametrize("raw", [b"", GET[:-2], b"\r\n"])
async def test_a_client_that_closes_before_a_request_is_complete_gets_nothing(raw: bytes) -> None:
    gateway = await Gateway(swallow).open()
    client = gateway.connect().send(raw)
    client.send_eof()
    await settle()

    assert answers_of(client) == []
    assert gateway.server.statistics().open == 0


async def test_a_client_that_closes_within_a_body_gets_nothing() -> None:
    gateway = await Gateway(swallow).open()
    client = gateway.connect().send(EXPECTING + b"hel")
    await settle()
    client.send_eof()
    await settle()

    assert gateway.outcomes == ["client_closed"]
    assert gateway.sent[0][1].bytes_sent == 0
    assert gateway.server.statistics().open == 0


# Responses


async def pieces() -> AsyncIterator[bytes]:
    for piece in (b"hel", b"", b"lo"):
        yield piece


def _unknown() -> Stream:
    stream = Stream()
    for piece in (b"hel", b"", b"lo"):
        stream.feed(piece)
    stream.end()
    return stream


BODIES = {
    "bytes": lambda: b"hello",
    "a stream of known length": lambda: Stream.of(b"hel", b"", b"lo"),
    "a stream of unknown length": _unknown,
    "an async iterable": pieces,
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("raw", [GET, OLD, OLD_KEPT], ids=["1.1", "1.0", "1.0 kept alive"])
async def test_a_response_is_framed_so_that_its_end_is_seen(raw: bytes, kind: str) -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, BODIES[kind]())).open()

    client = await gateway.ask(raw)

    (answer,) = answers_of(client)
    assert (answer.status, answer.body, answer.complete) == (200, b"hello", True)
    assert gateway.outcomes == ["complete"]
    assert gateway.sent[0][1].bytes_sent == 5
    if raw != GET:
        assert answer.header("transfer-encoding") is None


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize(("raw", "status"), [(HEAD, 200), (GET, 204), (GET, 304)], ids=["HEAD", "204", "304"])
async def test_a_response_that_has_no_body_gets_none(raw: bytes, status: int, kind: str) -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(status, BODIES[kind]())).open()

    client = await gateway.ask(raw + raw)

    answers = answers_of(client, *[raw.split()[0].decode()] * 2)
    assert [(answer.status, answer.body) for answer in answers] == [(status, b"")] * 2
    assert client.received.count(b"hello") == 0
    assert gateway.sent[0][1].bytes_sent == 0
    if status == 204:  # RFC 9110 section 8.6
        assert answers[0].header("content-length") is answers[0].header("transfer-encoding") is None


async def test_a_plug_cannot_break_the_framing() -> None:
    def lie(conn: Conn) -> Conn:
        for name, value in [("content-length", "3"), ("transfer-encoding", "chunked"), ("connection", "x")]:
            conn = conn.put_resp_header(name, value)
        return conn.send_resp(200, b"hello")

    gateway = await Gateway(lie).open()

    client = await gateway.ask(GET + GET)

    assert [answer.body for answer in answers_of(client)] == [b"hello", b"hello"]


async def test_an_interim_response_comes_before_the_final_one() -> None:
    def hint(conn: Conn) -> Conn:
        return conn.inform(103, Headers.of(("link", "</a.css>"))).send_resp(200, b"ok")

    gateway = await Gateway(hint).open()

    new, old = await gateway.ask(GET), await gateway.ask(OLD)

    assert answers_of(new)[0].informed == [(103, [(b"link", b"</a.css>")])]
    assert answers_of(old)[0].informed == []


async def test_a_body_that_fails_breaks_the_response_off() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"hel"
        raise OSError("the disk is gone")

    gateway = await Gateway(lambda conn: conn.send_resp(200, broken())).open()

    client = await gateway.ask(GET + GET)

    (answer,) = answers_of(client)
    assert (answer.status, answer.body, answer.complete) == (200, b"hel", False)
    assert client.is_closed
    assert gateway.outcomes == ["error"]


@pytest.mark.parametrize("fed", [b"hel", b"hello, world"])
async def test_a_body_of_another_length_than_it_says_is_broken_off(fed: bytes) -> None:
    def lie(conn: Conn) -> Conn:
        stream = Stream(length=5)
        stream.feed(fed)
        stream.end()
        return conn.send_resp(200, stream)

    gateway = await Gateway(lie).open()

    client = await gateway.ask(GET + GET)

    (answer,) = answers_of(client)
    assert answer.body == (fed if len(fed) < 5 else b"")
    assert client.is_closed
    assert gateway.outcomes == ["error"]


async def test_an_async_body_is_closed_as_soon_as_its_client_is_gone() -> None:
    closed = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 50_000
        finally:
            closed.append(True)

    gateway = await Gateway(lambda conn: conn.send_resp(200, endless())).open()
    client = gateway.connect()
    client.room = 1000
    client.send(GET)
    await settle()
    assert closed == []
    client.vanish()
    await settle()

    assert closed == [True]
    assert gateway.outcomes == ["client_closed"]


async def test_a_plug_that_fails_is_answered_with_500_and_the_request_id() -> None:
    def fail(conn: Conn) -> Conn:
        raise KeyError("secret")

    gateway = await Gateway(fail).open()

    client = await gateway.ask(GET + GET)

    answers = answers_of(client)
    assert [answer.status for answer in answers] == [500, 500]
    assert b"the-request" in answers[0].body
    assert b"secret" not in answers[0].body
    assert gateway.outcomes == ["error", "error"]
