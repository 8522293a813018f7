"""What a client may take: each limit is held, with a status of its own, whole and byte by byte."""

from __future__ import annotations

import json

import pytest

from clearway.http import ServerLimits
from clearway.plug import Conn
from tests.wire.answers import read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle

pieces = pytest.mark.parametrize("piece", [0, 1, 7], ids=["whole", "byte by byte", "by seven"])
LIMITS = ServerLimits(target_bytes=200, head_bytes=400, header_count=10, body_bytes=100)
HEAD = b"GET / HTTP/1.1\r\nhost: a\r\n"
GET = HEAD + b"\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


async def swallow(conn: Conn) -> Conn:
    body = await conn.fetch_body()
    return conn.send_resp(200, b"%d" % len(body))


def _target(size: int) -> bytes:
    return b"GET /" + b"x" * (size - 1) + b" HTTP/1.1\r\nhost: a\r\n\r\n"


def _fields(count: int) -> bytes:
    return HEAD + b"x: y\r\n" * (count - 1) + b"\r\n"


def _field_bytes(size: int) -> bytes:
    """A head whose fields, as `name: value CRLF`, have `size` bytes."""
    return HEAD + b"x: " + b"y" * (size - len(b"host: a\r\nx: \r\n")) + b"\r\n\r\n"


def _length(size: int) -> bytes:
    return b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size + b"x" * size


def _chunks(size: int) -> bytes:
    return CHUNKED + b"1\r\nx\r\n" * size + b"0\r\n\r\n"


def statuses(client: FarEnd) -> list[int]:
    return [answer.status for answer in read_answers(client.received, closed=client.is_closed)]


@pieces
@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (_target(200), 200),
        (_target(201), 414),
        (_target(500), 414),
        (_target(5000), 414),
        (_target(200)[:-4] + b"\r\nx: " + b"y" * 300 + b"\r\n\r\n", 200),
        (_fields(10), 200),
        (_fields(11), 431),
        (HEAD + b"te: x\r\n" * 9 + b"\r\n", 200),
        (HEAD + b"te: x\r\n" * 10 + b"\r\n", 431),
        (_field_bytes(400), 200),
        (_field_bytes(401), 431),
        (_field_bytes(5000), 431),
        (HEAD + b"x" * 5000 + b": y\r\n\r\n", 431),
        (_length(100), 200),
        (_length(101), 413),
        (_length(10**9)[:200], 413),
        (_chunks(100), 200),
        (_chunks(101), 413),
        (CHUNKED + b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n", 413),
        (CHUNKED + b"0\r\n" + b"x: y\r\n" * 10 + b"\r\n", 200),
        (HEAD + b"connection: " + b"x" * 5000 + b"\r\n\r\n", 431),
    ],
    ids=lambda value: value if isinstance(value, int) else f"{value[:12]!r}+{len(value)}",
)  # fmt: skip
async def test_a_limit_is_held(raw: bytes, status: int, piece: int) -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()

    client = await gateway.ask(raw, piece=piece)

    assert statuses(client) == [status]
    assert client.is_closed is (status != 200)


@pieces
@pytest.mark.parametrize(
    ("begin", "more", "status"),
    [
        (b"GET /", b"x", 414),
        (HEAD + b"x: ", b"y", 431),
        (HEAD + b"x: y", b" ", 431),
        (HEAD, b"x", 431),
        (HEAD, b"x: y\r\n", 431),
        (CHUNKED + b"1;a=", b"b", 431),
        (CHUNKED + b"1;a=", b'"b";a=', 431),
        (CHUNKED, b"000000", 431),
        (CHUNKED, b"1;" + b"a" * 90 + b"\r\nx\r\n", 431),
        (CHUNKED + b"0\r\n", b"x: y\r\n", 431),
        (CHUNKED + b"0\r\nx: ", b"y", 431),
        (CHUNKED + b"0\r\n", b"y", 431),
    ],
    ids=lambda value: value if isinstance(value, int) else repr(value[-9:]),
)
async def test_what_never_ends_is_cut_off(begin: bytes, more: bytes, status: int, piece: int) -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = gateway.connect().send(begin, piece)

    sent = 0
    while not client.is_closed and sent < 20_000:
        client.send(more * 10, piece)
        sent += len(more) * 10
        await settle(3)

    assert statuses(client) == [status]
    assert sent < 5_000


async def test_a_refused_length_is_refused_before_its_body() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    raw = b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 101\r\n\r\n"

    client = await gateway.ask(raw)

    assert statuses(client) == [413]
    assert b"HTTP/1.1 100" not in client.received


async def test_a_body_of_many_small_chunks_is_not_too_much_framing() -> None:
    gateway = await Gateway(swallow, limits=ServerLimits(head_bytes=400)).open()

    client = await gateway.ask(_chunks(20_000))

    assert read_answers(client.received, closed=False)[0].body == b"20000"


async def test_trailers_do_not_count_for_the_next_request() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    trailers = CHUNKED + b"0\r\n" + b"te: x\r\n" * 9 + b"\r\n"

    client = await gateway.ask(trailers + HEAD + b"te: x\r\n" * 3 + b"\r\n")

    assert statuses(client) == [200, 200]


async def test_answers_to_a_pipeline_wait_for_a_client_that_reads_slowly() -> None:
    """Each answer is small enough to be written at once; all of them are not."""
    asked = []

    def answer(conn: Conn) -> Conn:
        asked.append(conn)
        return conn.send_resp(200, b"x" * 100_000)

    gateway = await Gateway(answer).open()
    client = gateway.connect()
    client.room = 0
    client.send(GET * 500)
    await settle()

    assert client.transport.get_write_buffer_size() < 300_000
    assert len(asked) < 5
    client.take()
    await settle()
    assert statuses(client) == [200] * 500


async def test_connections_beyond_the_limit_are_turned_away() -> None:
    gateway = await Gateway(swallow, limits=ServerLimits(connections=2)).open()
    clients = [gateway.connect() for _ in range(3)]
    await settle()

    assert [statuses(client) for client in clients] == [[], [], [503]]
    assert json.loads(read_answers(clients[2].received)[0].body)["status"] == 503
    assert gateway.server.statistics().refused == 1

    clients[0].vanish()
    await gateway.pass_time(ServerLimits().linger_s + 1)
    assert statuses(await gateway.ask(HEAD + b"\r\n")) == [200]
