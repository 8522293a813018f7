"""The client of a request: its body as it is wanted, its leaving as it is waited for."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import PlugContractError
from clearway.plug.asgi.client import Client
from clearway.plug.errors import ClientClosedError, conn_at_failure, remember_conn
from clearway.testing import conn
from tests.unit.plug.asgi.stage import GONE, Stage, pieces


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_nothing_is_received_before_somebody_reads() -> None:
    stage = Stage(pieces(b"hello"))
    client = Client(stage.receive, 5)

    await turns()

    assert stage.received == 0
    assert client.is_untouched()


async def test_the_body_is_received_as_it_is_read() -> None:
    client = Client(Stage(pieces(b"hel", b"", b"lo")).receive, None)

    assert await client.body.read(10) == b"hello"
    assert not client.is_untouched()
    client.close()


async def test_a_reader_that_holds_back_holds_back_the_server() -> None:
    stage = Stage(pieces(*[b"x" * 1000] * 10))
    client = Client(stage.receive, None)
    client.body.high_water = 3000

    await anext(client.body)
    await turns()

    assert stage.received < 6
    client.close()


async def test_a_body_whose_client_leaves_breaks_off() -> None:
    client = Client(Stage([*pieces(b"hel", b"lo")[:1], GONE]).receive, 5)

    with pytest.raises(ClientClosedError):
        await client.body.read(10)
    assert client.has_left


async def test_work_is_done_while_the_client_stays() -> None:
    client = Client(Stage().receive, 0)

    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert await client.unless_gone(work()) == "done"
    client.close()


async def test_work_is_cancelled_when_the_client_leaves_and_brings_its_conn() -> None:
    stage = Stage()
    client = Client(stage.receive, 0)
    newest = conn("GET", "/newest")

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError as error:
            remember_conn(error, newest)
            raise

    asyncio.get_running_loop().call_later(0, stage.leave)
    with pytest.raises(ClientClosedError) as raised:
        await client.unless_gone(work())

    assert conn_at_failure(raised.value, conn("GET", "/first")) is newest
    await asyncio.sleep(0)  # the cancellation is over: waiting is possible again


async def test_work_for_a_client_that_left_before_is_cancelled_where_it_waits() -> None:
    stage = Stage([GONE])
    client = Client(stage.receive, 0)
    await client.wait_left()

    with pytest.raises(ClientClosedError):
        await client.unless_gone(asyncio.sleep(0))


async def test_a_server_that_stops_cancels_as_usual() -> None:
    client = Client(Stage().receive, 0)
    waiting = asyncio.ensure_future(client.unless_gone(asyncio.get_running_loop().create_future()))
    await turns()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    client.close()


async def test_a_cancelled_body_is_received_no_further() -> None:
    stage = Stage(pieces(b"hel", b"lo"))
    client = Client(stage.receive, 5)
    client.body.cancel()

    await turns()

    assert stage.received == 0


async def test_closing_ends_the_task_that_receives() -> None:
    before = asyncio.all_tasks()
    client = Client(Stage().receive, 0)
    waiting = asyncio.ensure_future(client.wait_left())
    await turns()

    client.close()
    waiting.cancel()
    await turns()

    assert asyncio.all_tasks() == before


async def test_who_holds_the_body_after_the_end_cannot_wait_for_ever() -> None:
    client = Client(Stage().receive, 5)

    client.close()

    with pytest.raises(PlugContractError, match="cancelled"):
        await client.body.read(10)
