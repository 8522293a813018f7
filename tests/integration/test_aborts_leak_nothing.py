"""20,000 requests that break off, in every way we know, leave nothing: no task, timer, socket or object."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import random
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from clearway.gateway.proxy import Proxy
from clearway.gateway.upstream import Upstream
from clearway.http import ClientLimits, ServerLimits
from clearway.plug import Conn, Pipeline
from clearway.plug.pipeline import Result
from clearway.plug.plugs import RequestId
from tests.integration.aborts import WAYS, Way, abort, break_off, think
from tests.integration.real_gateway import RealGateway, open_fds, real_gateway, upstream

pytestmark = pytest.mark.slow

AT_ONCE = 60
WARM_UP = 15  # aborts of each way before the first count: caches fill, modules load
SLACK = 60  # objects of one type; the least of the ways leaks a hundred
LIMITS = ServerLimits(header_read_s=0.05, body_read_s=0.05, half_close_s=0.05, send_s=0.05, linger_s=0.05)
UPSTREAM_LIMITS = ClientLimits(first_byte_s=0.05, pool_idle_s=0.05)


def test_the_ways_are_twenty_thousand() -> None:
    assert sum(count for _, count in WAYS.values()) == 20_000


async def test_aborted_requests_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # twenty thousand lines that pytest would keep
    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))  # and never listens
        async with (
            upstream(break_off) as port,
            real_gateway(port, limits=LIMITS, client_limits=UPSTREAM_LIMITS) as gateway,
        ):
            gateway.server.plug = routed(gateway, refusing.getsockname()[1])
            await run(gateway, {name: (way, WARM_UP) for name, (way, _) in WAYS.items()})
            before = await census(gateway)
            started = len(gateway.sent)
            gateway.sent.clear()
            await run(gateway, WAYS)
            outcomes = Counter(sent.outcome for _, sent in gateway.sent)
            gateway.sent.clear()
            after = await census(gateway)

    assert started > 0
    assert {name: count for name, count in (after - before).items() if count > SLACK} == {}
    assert {name: after[name] for name in COUNTED} == {name: before[name] for name in COUNTED}
    assert set(outcomes) == {
        "bad_request",
        "client_closed",
        "client_timeout",
        "complete",
        "upstream_closed",
        "upstream_connect_failed",
        "upstream_protocol_error",
        "upstream_timeout",
    }
    assert outcomes["client_closed"] > 5_000


def routed(gateway: RealGateway, refusing: int) -> Pipeline:
    """Paths choose the upstream, and whether a task stands before it."""
    nobody = Upstream("nobody", [("127.0.0.1", refusing)], UPSTREAM_LIMITS, gateway.deadlines)
    dead, alive = Proxy(nobody), Proxy(gateway.upstream)

    def choose(conn: Conn) -> Result:
        return (dead if conn.path.endswith("/refuses") else alive)(conn)

    thinking = Pipeline(think, choose)

    def route(conn: Conn) -> Result:
        return (thinking if conn.path.startswith("/task/") else choose)(conn)

    return Pipeline(RequestId(), gateway.note, route)


COUNTED = ("tasks", "deadlines", "connections", "upstream connections", "file descriptors")


async def census(gateway: RealGateway) -> Counter[str]:
    """Count what there is, once nothing moves any more."""
    for _ in range(500):
        if not len(gateway.deadlines):
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)  # for the upstream's side of what was closed
    gc.collect()
    counts = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    counts["tasks"] = len(asyncio.all_tasks())
    counts["deadlines"] = len(gateway.deadlines)
    counts["connections"] = gateway.server.statistics().open
    counts["upstream connections"] = sum(pool.statistics().open for pool in gateway.upstream.pools)
    counts["file descriptors"] = open_fds()
    return counts


async def run(gateway: RealGateway, ways: dict[str, tuple[Way, int]]) -> None:
    """Abort as often as `ways` say, mixed, some at once, every second one with a task before the proxy."""
    todo = [way for way, count in ways.values() for _ in range(count)]
    random.Random(1).shuffle(todo)
    numbered: Iterator[tuple[Way, str]] = zip(todo, itertools.cycle(["direct", "task"]), strict=False)

    async def worker() -> None:
        for way, prefix in numbered:
            await abort(way, gateway.port, prefix)

    await asyncio.gather(*[worker() for _ in range(AT_ONCE)])
