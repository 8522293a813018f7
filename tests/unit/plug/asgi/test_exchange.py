"""One request under ASGI: who answers it, and with what."""

from __future__ import annotations

import asyncio
import gc

import pytest

from clearway.plug import Conn, Pipeline, Plug, Sent, Stream
from clearway.plug.asgi import App, AsgiMiddleware, Receive, Scope, Send, asgi_app
from clearway.testing import MockClock
from tests.unit.plug.asgi.actors import Ends, echo, hello
from tests.unit.plug.asgi.stage import Stage, http_scope, pieces

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


@pytest.mark.parametrize("headers", [[], [("content-length", "5")]], ids=["no body", "an unread body"])
@pytest.mark.parametrize("app", [asgi_app(hello), AsgiMiddleware(echo, Pipeline())], ids=["plug", "app"])
async def test_a_request_leaves_nothing_for_the_collector(app: App, headers: list[tuple[str, str]]) -> None:
    async def serve_one() -> None:
        await Stage(pieces(b"hello")).play(app, http_scope("POST", headers=headers))

    await serve_one()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            await serve_one()
        assert gc.collect() < 20
    finally:
        gc.enable()
