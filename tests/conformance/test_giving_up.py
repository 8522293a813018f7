"""A client that is gone: whatever was begun for it is given up, at whichever turn of the loop it goes."""

from __future__ import annotations

import asyncio
import logging

import pytest

from clearway.http import ServerLimits
from clearway.plug import Conn
from tests.wire.gateway import REQUEST_ID, Gateway
from tests.wire.memory import FarEnd, settle
from tests.wire.origins import ScriptedOrigin

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n" + b"x" * 100_000
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"
LIMITS = ServerLimits(unsent_bytes=1000, send_s=1)
TURNS = range(16)


async def think(conn: Conn) -> Conn:
    """A plug that waits a little, so that a task stands before the proxy."""
    await settle(2)
    return conn


async def think_later(conn: Conn) -> Conn:
    return conn.register_before_send(lambda conn: conn.put_resp_header("x-thought", "1"))


def hang(_: FarEnd) -> None:
    pass


ORIGINS = {
    "never answers": hang,
    "answers": ScriptedOrigin(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    "begins an answer": ScriptedOrigin(HEAD),
    "answers much": ScriptedOrigin(HEAD + b"x" * 900_000),
    "drips": ScriptedOrigin(HEAD + b"x" * 900_000, piece=10_000),
}


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize(
    ("raw", "go"),
    [(GET, FarEnd.vanish), (POST, FarEnd.vanish), (POST[:500], FarEnd.send_eof)],
    ids=["GET and reset", "POST and reset", "POST and close"],
)
@pytest.mark.parametrize("before", [(), (think,), (think, think_later)], ids=["sync", "async", "async twice"])
@pytest.mark.parametrize("kind", [*ORIGINS, "refuses", "never accepts"])
async def test_what_was_begun_is_given_up(kind: str, before, raw: bytes, go, turns: int) -> None:  # type: ignore[no-untyped-def]
    origin = ORIGINS.get(kind)
    if isinstance(origin, ScriptedOrigin):
        origin.requests = 0
    gateway = await Gateway(origin=origin, before=before, limits=LIMITS).open()
    if kind == "never accepts":
        gateway.loop.origins["origin", 80] = None
    tasks = len(asyncio.all_tasks())

    client = gateway.connect()
    client.room = 500
    client.send(raw)
    await settle(turns)
    go(client)
    await settle(20)

    assert len(asyncio.all_tasks()) == tasks
    assert len(gateway.sent) == 1
    (pool,) = gateway.upstream.pools
    statistics = pool.statistics()
    assert statistics.open == statistics.idle
    await gateway.pass_time(2)
    assert gateway.server.statistics().open == 0
    assert len(gateway.deadlines) == statistics.idle


@pytest.mark.parametrize("before", [(), (think,)], ids=["sync", "async"])
async def test_a_client_that_goes_while_it_waits_is_told_of_and_logged(
    before,  # type: ignore[no-untyped-def]
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway = await Gateway(origin=hang, before=before).open()
    client = await gateway.ask(GET)

    with caplog.at_level(logging.INFO, logger="clearway.http"):
        client.vanish()
        await settle()

    ((conn, sent),) = gateway.sent
    assert (conn.request_id, sent.outcome, sent.bytes_sent) == (REQUEST_ID, "client_closed", 0)
    (record,) = caplog.records
    assert f"request_id={REQUEST_ID}" in record.getMessage()
    assert "client_closed" in record.getMessage()


async def test_a_client_that_goes_within_a_download_is_told_of_with_what_it_got() -> None:
    gateway = await Gateway(origin=ScriptedOrigin(HEAD + b"x" * 700)).open()
    client = await gateway.ask(GET)

    client.vanish()
    await settle()

    ((_, sent),) = gateway.sent
    assert (sent.outcome, sent.bytes_sent) == ("client_closed", 700)
