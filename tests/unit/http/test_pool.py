"""Connections to an upstream are made, kept, and given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest

from clearway.http import ClientLimits, Deadlines, UpstreamConnectError, UpstreamTimeoutError
from clearway.http.pool import Pool, PoolStatistics
from tests.wire.memory import FarEnd, MemoryLoop, settle


@pytest.fixture(autouse=True)
def loop_factory() -> type[MemoryLoop]:
    return MemoryLoop


def accept(_: FarEnd) -> None:
    pass


def pool(limits: ClientLimits | None = None) -> Pool:
    return Pool("origin", 80, limits or ClientLimits(), Deadlines(tick_s=3600, clock=lambda: 0.0))


def origins() -> dict[tuple[str, int], Callable[[FarEnd], None] | None]:
    return cast(MemoryLoop, asyncio.get_running_loop()).origins


async def test_a_new_pool_has_no_connection() -> None:
    assert pool().take_idle() is None


async def test_a_connection_is_made() -> None:
    origins()["origin", 80] = accept
    connections = pool()

    connection = await connections.connect()

    assert connection.is_usable()
    assert connections.statistics() == PoolStatistics(open=1, idle=0, connected=1, reused=0)
    assert repr(connections) == "<Pool origin:80: 1 active, 0 idle>"


async def test_a_refused_connection_is_the_upstreams_fault() -> None:
    connections = pool()

    with pytest.raises(UpstreamConnectError, match="Connection refused"):
        await connections.connect()
    assert connections.statistics().open == 0


async def test_a_connection_that_takes_too_long_is_a_timeout() -> None:
    origins()["origin", 80] = None

    with pytest.raises(UpstreamTimeoutError):
        await pool(ClientLimits(connect_s=0.0)).connect()


async def test_whatever_goes_wrong_while_connecting_is_told() -> None:
    def fail(_: FarEnd) -> None:
        raise UnicodeError("label empty or too long")

    origins()["origin", 80] = fail

    with pytest.raises(UpstreamConnectError, match="label empty"):
        await pool().connect()


async def test_who_waits_for_a_connection_is_told_that_the_pool_was_closed() -> None:
    origins()["origin", 80] = None
    connections = pool()
    waiting = connections.connect()
    await settle()

    connections.close()

    with pytest.raises(UpstreamConnectError, match="closed meanwhile"):
        await waiting


async def test_a_connection_that_nobody_waits_for_any_more_is_not_made() -> None:
    origins()["origin", 80] = None
    connections = pool()
    waiting = connections.connect()
    await settle()

    waiting.cancel()
    await settle()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert connections.statistics().open == 0


async def test_a_connection_that_its_upstream_closes_is_forgotten() -> None:
    ends: list[FarEnd] = []
    origins()["origin", 80] = ends.append
    connections = pool()
    await connections.connect()

    ends[0].send_eof()
    await settle()

    assert connections.statistics().open == 0
