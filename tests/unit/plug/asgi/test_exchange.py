"""One request under ASGI: who answers it, what its errors become, who is told of its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from clearway.plug import (
    Conn,
    Deferred,
    NotSentError,
    Pipeline,
    Plug,
    RequestError,
    Sent,
    Stream,
)
from clearway.plug.asgi import App, AsgiMiddleware, Event, Receive, Scope, Send, asgi_app
from clearway.testing import MockClock
from tests.unit.plug.asgi.stage import GONE, Stage, http_scope, pieces


class Ends:
    """A plug that keeps how responses end."""

    def __init__(self) -> None:
        self.seen: list[tuple[int | None, Sent]] = []

    def __call__(self, conn: Conn) -> Conn:
        return conn.register_after_send(lambda conn, sent: self.seen.append((conn.status, sent)))

    @property
    def outcome(self) -> tuple[int | None, int, str]:
        ((status, sent),) = self.seen
        return status, sent.bytes_sent, sent.outcome


def hello(conn: Conn) -> Conn:
    return conn.send_resp(200, b"hello")


def passes(conn: Conn) -> Conn:
    return conn


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with the request's body, piece by piece."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"echo")]})
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event.get("body", b""), "more_body": more})


# The pipeline answers


async def test_an_answer_of_bytes_is_two_events_and_no_task() -> None:
    before = asyncio.all_tasks()

    stage = await Stage().play(asgi_app(hello))

    assert (stage.status, stage.headers, stage.body) == (200, [("content-length", "5")], b"hello")
    assert len(stage.told) == 2
    assert stage.received == 0
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    ("plug", "headers"),
    [
        (lambda c: c.send_resp(204, b"ignored"), []),
        (lambda c: c.send_resp(304, Stream.of(b"x")), []),
        (lambda c: c.put_resp_header("content-length", "9").send_resp(200, b""), [("content-length", "9")]),
        (lambda c: c.send_resp(200, Stream.of(b"ab")), [("content-length", "2")]),
        (lambda c: c.send_resp(200, Stream()), []),
    ],
    ids=["204", "304", "said by the plug", "a stream that knows", "a stream that does not"],
)
async def test_the_length_is_said_where_it_is_known_and_allowed(
    plug: Plug, headers: list[tuple[str, str]]
) -> None:
    stage = await Stage().play(asgi_app(plug), http_scope("HEAD"))

    assert stage.headers == headers
    assert stage.body == b""


@pytest.mark.parametrize("status", [204, 304])
async def test_what_may_have_no_body_has_none(status: int) -> None:
    stage = await Stage().play(asgi_app(lambda c: c.send_resp(status, b"ignored")))

    assert (stage.status, stage.body, stage.is_complete) == (status, b"", True)


async def test_a_request_body_reaches_the_plug() -> None:
    async def read(conn: Conn) -> Conn:
        return conn.send_resp(200, await conn.fetch_body())

    scope = http_scope("POST", headers=[("content-length", "5")])
    stage = await Stage(pieces(b"hel", b"lo")).play(asgi_app(read), scope)

    assert stage.body == b"hello"


async def test_the_end_is_told_with_the_time_it_took() -> None:
    clock, ends = MockClock(100.0), Ends()

    def slow(conn: Conn) -> Conn:
        clock.advance(0.25)
        return hello(conn)

    await Stage().play(asgi_app(Pipeline(ends, slow), clock=clock))

    assert ends.seen == [(200, Sent(5, 0.25, "complete"))]


# The app behind


async def test_a_request_that_passes_is_answered_by_the_app() -> None:
    scope = http_scope("POST", headers=[("content-length", "5")])
    ends = Ends()

    stage = await Stage(pieces(b"hel", b"lo")).play(AsgiMiddleware(echo, ends), scope)

    assert (stage.status, stage.body) == (200, b"hello")
    assert ends.outcome == (200, 5, "complete")


@pytest.mark.parametrize("plug", [hello, lambda c: hello(c).halt()], ids=["sent", "halted"])
async def test_a_request_that_is_answered_does_not_reach_the_app(plug: Plug) -> None:
    async def unreachable(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("reached")

    assert (await Stage().play(AsgiMiddleware(unreachable, plug))).body == b"hello"


async def test_headers_and_hooks_of_plugs_meet_the_apps_answer() -> None:
    def plug(conn: Conn) -> Conn:
        return conn.put_resp_header("x-put", "before").register_before_send(
            lambda c: c.put_resp_header("x-hook", f"{c.status} {c.resp_headers.get('x-app')}")
        )

    stage = await Stage(pieces(b"")).play(AsgiMiddleware(echo, plug))

    assert stage.headers == [("x-put", "before"), ("x-app", "echo"), ("x-hook", "200 echo")]


async def test_a_hook_may_change_the_apps_status() -> None:
    def plug(conn: Conn) -> Conn:
        return conn.register_before_send(lambda c: c.put_status(203))

    assert (await Stage(pieces(b"")).play(AsgiMiddleware(echo, plug))).status == 203


@pytest.mark.parametrize("way", ["read", "replaced", "awaited"])
async def test_a_body_that_a_plug_has_touched_is_the_one_that_the_app_reads(way: str) -> None:
    async def plug(conn: Conn) -> Conn:
        if way == "read":
            assert await anext(conn.body) == b"hel"
        elif way == "replaced":
            return conn.put_body(Stream.of((await conn.fetch_body()).upper()))
        else:
            await asyncio.sleep(0)
        return conn

    scope = http_scope("POST", headers=[("content-length", "5")])
    stage = await Stage(pieces(b"hel", b"lo")).play(AsgiMiddleware(echo, plug), scope)

    assert stage.body == {"read": b"lo", "replaced": b"HELLO", "awaited": b"hello"}[way]


async def test_the_app_finds_the_conn() -> None:
    found: list[Conn] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope["clearway"])
        await echo(scope, receive, send)

    await Stage(pieces(b"")).play(AsgiMiddleware(look, lambda c: c.put_request_id("r1")))

    assert found[0].request_id == "r1"


async def test_no_bytes_are_counted_for_head() -> None:
    ends = Ends()

    await Stage(pieces(b"ignored")).play(AsgiMiddleware(echo, ends), http_scope("HEAD"))

    assert ends.outcome == (200, 0, "complete")


async def test_work_that_the_app_does_after_its_answer_is_not_part_of_it() -> None:
    clock, ends = MockClock(), Ends()

    async def tidies_up(scope: Scope, receive: Receive, send: Send) -> None:
        await echo(scope, receive, send)
        clock.advance(60)
        raise LookupError("the tidying went wrong")

    with pytest.raises(LookupError):
        await Stage(pieces(b"hey")).play(AsgiMiddleware(tidies_up, ends, clock=clock))

    assert ends.seen == [(200, Sent(3, 0.0, "complete"))]


async def test_events_of_extensions_pass() -> None:
    async def trailing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.debug", "info": {}})
        await send({"type": "http.response.start", "status": 200, "trailers": True})
        await send({"type": "http.response.body", "body": b"hey"})
        await send({"type": "http.response.trailers", "headers": []})

    ends = Ends()
    stage = await Stage().play(AsgiMiddleware(trailing, ends))

    assert [event["type"].rpartition(".")[2] for event in stage.told] == [
        "debug",
        "start",
        "body",
        "trailers",
    ]
    assert ends.outcome == (200, 3, "complete")


# Errors


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("password=hunter2")


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    return


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})


async def half_then_broken(scope: Scope, receive: Receive, send: Send) -> None:
    await half(scope, receive, send)
    raise LookupError("the rest is lost")


@pytest.mark.parametrize(("app", "error"), [(broken, LookupError), (silent, NotSentError)])
async def test_an_app_that_fails_is_answered_for_and_its_error_raised(
    app: App, error: type[Exception]
) -> None:
    ends, stage = Ends(), Stage()

    with pytest.raises(error):
        await stage.play(AsgiMiddleware(app, Pipeline(ends, lambda c: c.put_request_id("r1"))))

    assert json.loads(stage.body)["request_id"] == "r1"
    assert b"hunter2" not in stage.body
    assert ends.outcome == (500, len(stage.body), "error")


@pytest.mark.parametrize(("app", "error"), [(half, NotSentError), (half_then_broken, LookupError)])
async def test_what_began_is_broken_off_by_the_server_that_hears_the_error(
    app: App, error: type[Exception]
) -> None:
    ends, stage = Ends(), Stage()

    with pytest.raises(error):
        await stage.play(AsgiMiddleware(app, ends))

    assert (stage.body, stage.is_complete) == (b"hel", False)
    assert ends.outcome == (200, 3, "error")


async def test_an_error_that_chose_its_status_is_answered_and_not_raised() -> None:
    def plug(conn: Conn) -> Conn:
        raise RequestError(422, "no such colour")

    stage = await Stage().play(AsgiMiddleware(broken, plug))

    assert (stage.status, json.loads(stage.body)["detail"]) == (422, "no such colour")


async def test_a_body_that_a_plug_refuses_while_the_app_reads_is_answered_for() -> None:
    def limited(conn: Conn) -> Conn:
        body = Stream()
        body.fail(RequestError(413, "too much"))
        return conn.put_body(body)

    async def reads_first(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    assert (await Stage().play(AsgiMiddleware(reads_first, limited))).status == 413


async def test_a_hook_that_fails_at_the_apps_answer_is_left_out_of_the_error() -> None:
    def fails(conn: Conn) -> Conn:
        raise LookupError("hook")

    stage = Stage(pieces(b""))
    with pytest.raises(LookupError):
        await stage.play(AsgiMiddleware(echo, lambda c: c.register_before_send(fails)))

    assert stage.status == 500


async def test_a_server_that_refuses_every_event_ends_the_request_all_the_same() -> None:
    ends = Ends()

    async def refuses(event: Event) -> None:
        raise RuntimeError("no such event here")

    with pytest.raises(RuntimeError):
        await asgi_app(Pipeline(ends))(http_scope(), Stage().receive, refuses)

    assert ends.outcome == (500, 0, "error")


# The client leaves


async def for_ever(conn: Conn) -> Conn:
    await asyncio.get_running_loop().create_future()
    return conn


def deferred_for_ever(conn: Conn) -> Deferred[Conn]:
    return Deferred()


async def endless() -> AsyncIterator[bytes]:
    yield b"hel"
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("plug", "ended"),
    [
        (for_ever, (None, 0, "client_closed")),
        (deferred_for_ever, (None, 0, "client_closed")),
        (lambda c: c.send_resp(200, endless()), (200, 3, "client_closed")),
        (lambda c: c.send_resp(200, Stream()), (200, 0, "client_closed")),
    ],
    ids=["a coroutine", "a deferred", "a generator", "a stream"],
)
async def test_waiting_ends_when_the_client_leaves(plug: Plug, ended: tuple[int | None, int, str]) -> None:
    ends = Ends()

    await Stage([*pieces(b""), GONE]).play(asgi_app(Pipeline(ends, plug)))

    assert ends.outcome == ended


@pytest.mark.parametrize("plug", [hello, lambda c: c.send_resp(200, Stream.of(b"hello"))])
async def test_a_send_that_fails_is_the_clients_leaving(plug: Plug) -> None:
    ends = Ends()

    await Stage(dies_after=1).play(asgi_app(Pipeline(ends, plug)))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_sees_the_error_of_a_send_that_fails() -> None:
    ends = Ends()

    async def careful(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        with pytest.raises(OSError, match="gone"):
            await send({"type": "http.response.body", "body": b"hey"})

    await Stage(dies_after=1).play(AsgiMiddleware(careful, ends))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_that_fails_because_its_client_left_is_the_servers_to_judge() -> None:
    ends = Ends()

    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        await echo(scope, receive, send)

    with pytest.raises(OSError, match="gone"):
        await Stage(pieces(b"hey"), dies_after=1).play(AsgiMiddleware(careless, ends))

    assert ends.outcome == (200, 0, "client_closed")


async def test_an_app_that_gives_up_on_a_client_that_left_is_no_error() -> None:
    ends = Ends()

    async def gives_up(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == GONE

    await Stage([GONE]).play(AsgiMiddleware(gives_up, ends))

    assert ends.outcome == (None, 0, "client_closed")


async def test_a_server_that_stops_is_told_apart_from_a_client_that_leaves() -> None:
    ends = Ends()
    request = asyncio.ensure_future(Stage().play(asgi_app(Pipeline(ends, for_ever))))
    await asyncio.sleep(0)
    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request
    assert ends.outcome == (None, 0, "cancelled")


async def test_a_stream_that_is_not_read_to_its_end_is_cancelled() -> None:
    told: list[str] = []

    class Tap:
        def pause(self) -> None: ...

        def resume(self) -> None: ...

        def cancel(self) -> None:
            told.append("cancel")

    body = Stream(Tap())
    body.feed(b"hel")
    await Stage(dies_after=0).play(asgi_app(lambda c: c.send_resp(200, body)))

    assert told == ["cancel"]


async def later(conn: Conn) -> Conn:
    await asyncio.sleep(0)
    return conn


async def test_plugs_that_wait_leave_no_task_behind() -> None:
    before = asyncio.all_tasks()

    await Stage(pieces(b"")).play(AsgiMiddleware(echo, later))
    await asyncio.sleep(0)

    assert asyncio.all_tasks() == before
