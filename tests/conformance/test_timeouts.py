"""What a client may take of time: 408 where it can be told, a close where nobody listens."""

from __future__ import annotations

import pytest

from clearway.http import ServerLimits
from clearway.plug import Conn, Deferred, Stream
from tests.wire.answers import read_answers
from tests.wire.gateway import TICK_S, Gateway
from tests.wire.memory import FarEnd, settle

LIMITS = ServerLimits(
    header_read_s=10, body_read_s=5, idle_s=30, send_s=20, half_close_s=4, linger_s=2, unsent_bytes=1000
)
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n"
LATE = 2 * TICK_S  # a deadline may be late by two ticks


async def swallow(conn: Conn) -> Conn:
    return conn.send_resp(200, await conn.fetch_body())


def statuses(client: FarEnd) -> list[int]:
    return [answer.status for answer in read_answers(client.received, closed=client.is_closed)]


async def test_a_connection_that_says_nothing_is_closed() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = gateway.connect()

    await gateway.pass_time(10 - LATE)
    assert not client.is_closed
    await gateway.pass_time(2 * LATE)

    assert client.is_closed
    assert statuses(client) == []


@pytest.mark.parametrize("first", [b"", GET], ids=["first request", "second request"])
async def test_a_slow_head_is_told_408(first: bytes) -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = gateway.connect().send(first)
    await settle()

    for byte in b"GET / HTTP/1.1\r\nhost: a"[:10]:
        client.send(bytes([byte]))
        await gateway.pass_time(0.95)
    assert statuses(client) == [200] * bool(first)
    await gateway.pass_time(1 + LATE)

    assert statuses(client) == [200] * bool(first) + [408]
    assert client.is_closed


async def test_the_time_for_a_head_counts_from_its_first_byte() -> None:
    gateway = await Gateway(swallow, limits=ServerLimits(idle_s=8, header_read_s=10)).open()
    client = gateway.connect().send(GET)
    await gateway.pass_time(7)

    client.send(GET[:-2])
    await gateway.pass_time(9)
    client.send(GET[-2:])
    await settle()

    assert statuses(client) == [200, 200]


async def test_a_slow_body_is_told_408() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = gateway.connect().send(POST)

    for _ in range(3):
        client.send(b"x")
        await gateway.pass_time(4)
    assert statuses(client) == []
    await gateway.pass_time(1 + LATE)

    assert statuses(client) == [408]
    assert gateway.outcomes == ["client_timeout"]
    assert client.is_closed


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = await gateway.ask(GET)

    await gateway.pass_time(30 - LATE)
    assert not client.is_closed
    await gateway.pass_time(2 * LATE)

    assert client.is_closed
    assert statuses(client) == [200]


async def test_a_plug_may_take_its_time() -> None:
    deferred: Deferred[Conn] = Deferred()
    conns: list[Conn] = []

    def wait(conn: Conn) -> Deferred[Conn]:
        conns.append(conn)
        return deferred

    gateway = await Gateway(wait, limits=LIMITS).open()
    client = await gateway.ask(GET)
    await gateway.pass_time(1000)
    deferred.resolve(conns[0].send_resp(200, b"at last"))
    await settle()

    assert read_answers(client.received, closed=False)[0].body == b"at last"


async def test_a_client_that_stops_reading_is_cut_off() -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, Stream.of(b"x" * 5000)), limits=LIMITS).open()
    client = gateway.connect()
    client.room = 10

    client.send(GET)
    await gateway.pass_time(20 - LATE)
    assert not client.is_closed
    await gateway.pass_time(2 * LATE)

    assert client.was_aborted
    assert gateway.server.statistics().open == 0


@pytest.mark.parametrize("size", [100, 900, 5000])
@pytest.mark.parametrize(
    "raw", [GET, GET.replace(b"host", b"connection: close\r\nhost"), b"nonsense\r\n\r\n"]
)
@pytest.mark.parametrize("half_closed", [False, True])
async def test_a_client_that_never_reads_does_not_keep_its_connection(
    size: int, raw: bytes, half_closed: bool
) -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, b"x" * size), limits=LIMITS).open()
    client = gateway.connect()
    client.room = 10
    client.send(raw)
    if half_closed:
        client.send_eof()

    await gateway.pass_time(30 + 20 + 2 + 4 * LATE)

    assert gateway.server.statistics().open == 0
    assert len(gateway.deadlines) == 0


async def test_a_client_that_never_reads_a_late_answer_does_not_keep_its_connection() -> None:
    deferred: Deferred[Conn] = Deferred()
    body = Stream()
    conns: list[Conn] = []

    def wait(conn: Conn) -> Deferred[Conn]:
        conns.append(conn)
        return deferred

    gateway = await Gateway(wait, limits=LIMITS).open()
    client = gateway.connect()
    client.room = 10
    client.send(GET)
    client.send_eof()
    deferred.resolve(conns[0].send_resp(200, body))
    await settle()
    body.feed(b"x" * 100)
    body.end()

    await gateway.pass_time(30 + 20 + 2 + 4 * LATE)

    assert gateway.server.statistics().open == 0


async def test_bytes_now_and_then_do_not_help_a_client_that_never_reads() -> None:
    gateway = await Gateway(lambda conn: conn.send_resp(200, b"x" * 5000), limits=LIMITS).open()
    client = gateway.connect()
    client.room = 10
    client.send(GET)

    for byte in GET[:10]:
        client.send(bytes([byte]))
        await gateway.pass_time(5)

    assert gateway.server.statistics().open == 0


async def test_an_answer_that_does_not_begin_after_half_close_is_given_up() -> None:
    gateway = await Gateway(lambda _: Deferred(), limits=LIMITS).open()
    client = gateway.connect().send(GET)
    client.send_eof()

    await gateway.pass_time(4 + LATE)

    assert gateway.server.statistics().open == 0
    assert gateway.outcomes == ["client_closed"]


async def test_a_client_that_goes_on_sending_after_a_refusal_is_cut_off() -> None:
    gateway = await Gateway(swallow, limits=LIMITS).open()
    client = gateway.connect().send(b"POST / HTTP/1.1\r\nhost: a b\r\n\r\n")

    for _ in range(10):
        client.send(b"x" * 1000)
        await gateway.pass_time(0.5)

    assert statuses(client) == [400]
    assert client.was_aborted


async def test_an_answer_before_the_end_of_the_request_is_not_destroyed() -> None:
    """Closing while the client still sends makes the kernel reset the connection and drop the answer."""
    gateway = await Gateway(lambda conn: conn.send_resp(403, b"no"), limits=LIMITS).open()
    client = gateway.connect().send(POST)
    await settle()

    assert client.transport.eof_written
    assert not client.transport.is_lost
    client.send(b"x" * 10)
    await gateway.pass_time(2 + LATE)

    assert client.transport.is_lost
    assert statuses(client) == [403]
