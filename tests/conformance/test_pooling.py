"""Connections to upstreams are kept, used again, and let go; requests go round among targets."""

from __future__ import annotations

import pytest

from clearway.http import ClientLimits
from tests.wire.answers import read_answers
from tests.wire.gateway import TICK_S, Gateway
from tests.wire.memory import FarEnd, settle
from tests.wire.origins import StrictOrigin

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
TARGETS = [("one", 80), ("two", 80), ("three", 80)]


def statuses(client: FarEnd) -> list[int]:
    return [answer.status for answer in read_answers(client.received, closed=client.is_closed)]


async def test_requests_one_after_the_other_share_a_connection() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()

    for _ in range(5):
        await gateway.ask(GET)

    assert len(origin.connections) == 1
    (pool,) = gateway.upstream.pools
    statistics = pool.statistics()
    assert (statistics.open, statistics.idle) == (1, 1)
    assert (statistics.connected, statistics.reused) == (1, 4)


async def test_requests_at_once_have_a_connection_each_and_no_more_than_the_pool_holds_are_kept() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(pool_size=2)).open()
    clients = [gateway.connect() for _ in range(5)]

    for client in clients:
        client.send(GET)
    await settle()

    assert [statuses(client) for client in clients] == [[200]] * 5
    assert len(origin.connections) == 5
    assert sum(not end.is_closed for end in origin.connections) == 2


async def test_a_connection_that_waits_too_long_is_closed() -> None:
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin, client_limits=ClientLimits(pool_idle_s=10)).open()
    await gateway.ask(GET)

    await gateway.pass_time(10 - 2 * TICK_S)
    assert not origin.connections[0].is_closed
    await gateway.pass_time(4 * TICK_S)

    assert origin.connections[0].is_closed
    assert gateway.upstream.pools[0].statistics().open == 0


@pytest.mark.parametrize("go", [FarEnd.send_eof, FarEnd.vanish])
async def test_a_connection_that_its_upstream_closed_is_not_used(go) -> None:  # type: ignore[no-untyped-def]
    origin = StrictOrigin()
    gateway = await Gateway(origin=origin).open()
    await gateway.ask(GET)
    go(origin.connections[0])
    await settle()

    client = await gateway.ask(GET.replace(b"GET", b"POST"))

    assert statuses(client) == [200]
    assert len(origin.connections) == 2


async def test_requests_go_round_among_targets() -> None:
    origins = [StrictOrigin() for _ in TARGETS]
    gateway = await Gateway(targets=TARGETS).open()
    gateway.loop.origins.update(zip(TARGETS, origins, strict=True))

    for _ in range(6):
        await gateway.ask(GET)

    assert [len(origin.asked) for origin in origins] == [2, 2, 2]


@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_a_target_that_refuses_is_passed_over(method: bytes) -> None:
    """Nothing was sent, so any request may go elsewhere."""
    origin = StrictOrigin()
    gateway = await Gateway(targets=TARGETS).open()
    gateway.loop.origins[TARGETS[1]] = origin

    clients = [await gateway.ask(GET.replace(b"GET", method)) for _ in range(6)]

    assert [statuses(client) for client in clients] == [[200]] * 6
    assert len(origin.asked) == 6


async def test_a_request_that_every_target_refuses_is_502_after_one_try_each() -> None:
    gateway = await Gateway(targets=TARGETS).open()

    client = await gateway.ask(GET)

    assert statuses(client) == [502]
    assert gateway.outcomes == ["upstream_connect_failed"]


async def test_closing_leaves_exchanges_in_flight_and_nothing_after_them() -> None:
    origin = StrictOrigin()
    origin.ANSWER = b""
    gateway = await Gateway(origin=origin).open()
    client = await gateway.ask(GET)

    gateway.upstream.close()
    origin.connections[0].send(StrictOrigin.ANSWER)
    await settle()

    assert statuses(client) == [200]
    assert origin.connections[0].is_closed
