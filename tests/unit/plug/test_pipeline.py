"""Plugs in a row: each sees what the one before returned, until one halts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from clearway.plug import (
    Conn,
    Deferred,
    NotSentError,
    Pipeline,
    Plug,
    PlugContractError,
    PlugOptionError,
    RequestError,
    State,
)
from clearway.plug.errors import conn_at_failure
from clearway.testing import conn

REQUEST = conn("GET", "/x")


class Trace:
    """A plug that leaves its mark; the way it returns is an option."""

    def __init__(self, mark: str, way: str = "now", halts: bool = False) -> None:
        self.mark, self.way, self.halts = mark, way, halts

    def __call__(self, conn: Conn) -> Conn | Awaitable[Conn]:
        marked = conn.assign("trace", (*conn.assigns.get("trace", ()), self.mark))
        done = marked.halt() if self.halts else marked
        return WAYS[self.way](done)


def resolved(conn: Conn) -> Deferred[Conn]:
    deferred: Deferred[Conn] = Deferred()
    deferred.resolve(conn)
    return deferred


async def after_a_turn(conn: Conn) -> Conn:
    await asyncio.sleep(0)
    return conn


WAYS: dict[str, Callable[[Conn], Conn | Awaitable[Conn]]] = {
    "now": lambda conn: conn,
    "deferred": resolved,
    "coroutine": after_a_turn,
}


def finish(result: Conn | Awaitable[Conn]) -> Conn:
    async def wait() -> Conn:
        return result if isinstance(result, Conn) else await result

    return asyncio.run(wait())


def trace_of(result: Conn | Awaitable[Conn]) -> str:
    return "".join(finish(result).assigns.get("trace", ()))


# Order and halting


def test_plugs_run_in_the_order_written() -> None:
    assert trace_of(Pipeline(Trace("a"), Trace("b"), Trace("c"))(REQUEST)) == "abc"


def test_an_empty_pipeline_returns_the_conn_itself() -> None:
    assert Pipeline()(REQUEST) is REQUEST


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first_way", WAYS)
def test_a_halt_skips_the_rest_however_the_plugs_return(first_way: str, way: str) -> None:
    app = Pipeline(Trace("a", first_way), Trace("b", way, halts=True), Trace("c"), Trace("d", "coroutine"))

    done = finish(app(REQUEST))

    assert (trace_of(done), done.halted) == ("ab", True)


@pytest.mark.parametrize("way", WAYS)
def test_a_halt_inside_stops_the_pipelines_around(way: str) -> None:
    inner = Pipeline(Trace("b", way, halts=True), Trace("c"))

    assert trace_of(Pipeline(Trace("a"), inner, Trace("d"))(REQUEST)) == "ab"


def test_a_halted_conn_passes_untouched() -> None:
    halted = REQUEST.halt()

    assert Pipeline(Trace("a"))(halted) is halted


def test_halting_does_not_send_and_sending_does_not_halt() -> None:
    def send(conn: Conn) -> Conn:
        return conn.send_resp(200)

    assert finish(Pipeline(Conn.halt)(REQUEST)).state is State.UNSET
    assert trace_of(Pipeline(send, Trace("a"))(REQUEST)) == "a"


def test_hooks_registered_before_a_halt_still_run() -> None:
    def telemetry(conn: Conn) -> Conn:
        return conn.register_before_send(lambda c: c.put_resp_header("x-status", str(c.status)))

    def refuse(conn: Conn) -> Conn:
        return conn.send_resp(401, "no").halt()

    done = finish(Pipeline(telemetry, refuse, Trace("never"))(REQUEST))

    assert done.resp_headers.get("x-status") == "401"


# Now or later


def test_plain_plugs_return_a_conn_without_an_event_loop() -> None:
    assert isinstance(Pipeline(Trace("a"), Pipeline(Trace("b")))(REQUEST), Conn)


@pytest.mark.parametrize("ways", ["now,coroutine", "coroutine,now", "deferred,now,coroutine,deferred"])
def test_sync_and_async_plugs_mix(ways: str) -> None:
    plugs = [Trace(str(at), way) for at, way in enumerate(ways.split(","))]

    assert trace_of(Pipeline(*plugs)(REQUEST)) == "".join(str(at) for at in range(len(plugs)))


def test_a_deferred_at_the_end_is_handed_on_without_a_coroutine() -> None:
    deferred: Deferred[Conn] = Deferred()

    result = Pipeline(Trace("a"), lambda conn: deferred)(REQUEST)

    assert result is deferred
    assert deferred.conn is not None
    assert trace_of(deferred.conn) == "a"


def test_the_innermost_pipeline_names_the_newest_conn_of_a_deferred() -> None:
    deferred: Deferred[Conn] = Deferred()

    class Inner(Pipeline):
        """A pipeline that is not flattened."""

    Pipeline(Trace("a"), Inner(Trace("b"), lambda conn: deferred))(REQUEST)

    assert deferred.conn is not None
    assert trace_of(deferred.conn) == "ab"


# Built once


def test_nested_pipelines_are_flattened() -> None:
    a, b, c = Trace("a"), Trace("b"), Trace("c")

    assert Pipeline(a, Pipeline(b, Pipeline(c))).plugs == (a, b, c)


def test_a_subclass_keeps_what_it_does_around_its_plugs() -> None:
    class Tagged(Pipeline):
        def __call__(self, conn: Conn) -> Conn | Awaitable[Conn]:
            return super().__call__(conn.assign("trace", ("<",)))

    assert trace_of(Pipeline(Trace("never seen"), Tagged(Trace("a")))(REQUEST)) == "<a"


@pytest.mark.parametrize(
    ("plug", "why"), [("text", "not a plug"), (None, "not a plug"), (Trace, r"put Trace\(\.\.\.\)")]
)
def test_what_is_no_plug_is_refused_when_the_pipeline_is_built(plug: object, why: str) -> None:
    with pytest.raises(PlugOptionError, match=why):
        Pipeline(plug)  # type: ignore[arg-type]


def test_a_method_and_a_partial_are_plugs() -> None:
    class Counter:
        seen = 0

        def count(self, conn: Conn) -> Conn:
            self.seen += 1
            return conn

    counter = Counter()
    app = Pipeline(counter.count, counter.count)
    app(REQUEST)

    assert counter.seen == 2


# What plugs do wrong


async def nothing_later(conn: Conn) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("others", [(), (Trace("after"),)], ids=["last", "followed"])
@pytest.mark.parametrize("before", [(), (Trace("a", "coroutine"),)], ids=["first", "resumed"])
@pytest.mark.parametrize("plug", [lambda conn: None, nothing_later], ids=["sync", "async"])
def test_a_plug_without_a_return_is_named(
    plug: Plug, before: tuple[Plug, ...], others: tuple[Plug, ...]
) -> None:
    def forgetful(conn: Conn) -> Conn | Awaitable[Conn]:
        return plug(conn)

    with pytest.raises(PlugContractError, match=r"forgetful.* returned None"):
        finish(Pipeline(*before, forgetful, *others)(REQUEST))


def broken(conn: Conn) -> Conn:
    raise NotSentError("broken")


async def broken_later(conn: Conn) -> Conn:
    await asyncio.sleep(0)
    raise NotSentError("broken")


def broken_deferred(conn: Conn) -> Deferred[Conn]:
    deferred: Deferred[Conn] = Deferred()
    deferred.reject(NotSentError("broken"))
    return deferred


@pytest.mark.parametrize("others", [(), (Trace("after"),)], ids=["last", "followed"])
@pytest.mark.parametrize("before", [(), (Trace("b", "coroutine"),)], ids=["first", "resumed"])
@pytest.mark.parametrize("plug", [broken, broken_later, broken_deferred])
def test_an_error_leaves_with_the_conn_that_was_newest(
    plug: Plug, before: tuple[Plug, ...], others: tuple[Plug, ...]
) -> None:
    with pytest.raises(NotSentError) as raised:
        finish(Pipeline(Trace("a"), *before, plug, *others)(REQUEST))

    assert trace_of(conn_at_failure(raised.value, REQUEST)) in ("a", "ab")


def test_the_innermost_pipeline_knows_the_newest_conn() -> None:
    class Inner(Pipeline):
        """A pipeline that is not flattened."""

    with pytest.raises(NotSentError) as raised:
        Pipeline(Trace("a"), Inner(Trace("b"), broken))(REQUEST)

    assert trace_of(conn_at_failure(raised.value, REQUEST)) == "ab"


def test_an_error_that_no_pipeline_saw_leaves_with_the_first_conn() -> None:
    assert conn_at_failure(RequestError(400, "early"), REQUEST) is REQUEST


def test_a_cancelled_request_leaves_with_its_newest_conn() -> None:
    async def for_ever(conn: Conn) -> Conn:
        await asyncio.get_running_loop().create_future()
        return conn

    async def scene() -> BaseException:
        waiting = asyncio.ensure_future(Pipeline(Trace("a"), for_ever)(REQUEST))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await waiting
        return raised.value

    assert trace_of(conn_at_failure(asyncio.run(scene()), REQUEST)) == "a"


def test_a_repr_shows_the_plugs() -> None:
    assert repr(Pipeline(Pipeline())) == "Pipeline()"
    assert "broken" in repr(Pipeline(broken))
