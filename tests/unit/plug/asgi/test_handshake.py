"""A WebSocket's handshake passes the pipeline as a GET, or is refused by it."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Conn, Deferred, NotSentError, Pipeline, Plug, RequestError, Stream
from clearway.plug.asgi import App, AsgiMiddleware, Event, Receive, Scope, Send, asgi_app
from tests.unit.plug.asgi.actors import Ends
from tests.unit.plug.asgi.stage import Stage, websocket_scope

CONNECT: list[Event] = [{"type": "websocket.connect"}]
CAN_ANSWER = {"extensions": {"websocket.http.response": {}}}


async def chat(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that accepts, says a word and closes."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "headers": [(b"x-app", b"chat")]})
    await send({"type": "websocket.send", "text": scope["clearway"].request_id or ""})
    await send({"type": "websocket.close"})


def named(conn: Conn) -> Conn:
    return conn.put_request_id("r1").put_resp_header("x-put", "before")


def refuses(conn: Conn) -> Conn:
    return conn.put_resp_header("www-authenticate", "Basic").send_resp(401, b"no").halt()


async def play(app: App, **scope: object) -> Stage:
    return await Stage(CONNECT).play(app, websocket_scope("/chat", **scope))


def types(stage: Stage) -> list[str]:
    return [event["type"].removeprefix("websocket.") for event in stage.told]


async def test_a_handshake_that_passes_is_accepted_with_the_headers_of_plugs_and_hooks() -> None:
    ends = Ends()
    hook = Pipeline(lambda c: c.register_before_send(lambda c: c.put_resp_header("x-hook", str(c.status))))

    stage = await play(AsgiMiddleware(chat, Pipeline(ends, named, hook)))

    assert types(stage) == ["accept", "send", "close"]
    assert stage.headers == [("x-put", "before"), ("x-app", "chat"), ("x-hook", "101")]
    assert stage.told[1]["text"] == "r1"
    assert ends.outcome == (101, 0, "complete")


async def test_a_refusal_is_the_whole_response_where_the_server_can_send_one() -> None:
    ends = Ends()

    stage = await play(AsgiMiddleware(chat, Pipeline(ends, refuses)), **CAN_ANSWER)

    assert types(stage) == ["http.response.start", "http.response.body"]
    assert (stage.status, stage.headers, stage.body) == (401, [("www-authenticate", "Basic")], b"no")
    assert ends.outcome == (401, 0, "complete")


async def test_a_refusal_may_be_streamed() -> None:
    stage = await play(asgi_app(lambda c: c.send_resp(403, Stream.of(b"n", b"o"))), **CAN_ANSWER)

    assert (stage.status, stage.body, stage.is_complete) == (403, b"no", True)


async def test_elsewhere_a_refusal_closes_before_the_accept() -> None:
    assert types(await play(AsgiMiddleware(chat, refuses))) == ["close"]


async def test_the_app_may_refuse_with_a_response_of_its_own() -> None:
    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 503, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})

    ends = Ends()
    stage = await play(AsgiMiddleware(busy, Pipeline(ends, named)), **CAN_ANSWER)

    assert (stage.status, stage.headers) == (503, [("x-put", "before")])
    assert ends.outcome == (503, 0, "complete")


@pytest.mark.parametrize("plug", [lambda c: c, Conn.halt], ids=["passed", "halted"])
async def test_a_handshake_that_nobody_answers_is_an_error(plug: Plug) -> None:
    stage = Stage(CONNECT)

    with pytest.raises(NotSentError):
        await stage.play(asgi_app(plug), websocket_scope())
    assert types(stage) == ["close"]


async def test_a_plug_that_refuses_by_an_error_is_answered_for() -> None:
    def fails(conn: Conn) -> Conn:
        raise RequestError(422, "odd")

    stage = await play(asgi_app(fails), **CAN_ANSWER)

    assert stage.status == 422


async def test_an_app_that_fails_on_an_open_socket_is_the_servers_to_close() -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise LookupError("oops")

    ends, stage = Ends(), Stage(CONNECT)
    with pytest.raises(LookupError):
        await stage.play(AsgiMiddleware(breaks, ends), websocket_scope())

    assert types(stage) == ["accept"]
    assert ends.outcome == (101, 0, "error")


async def test_a_plug_may_wait() -> None:
    def deferred(conn: Conn) -> Deferred[Conn]:
        promise: Deferred[Conn] = Deferred()
        promise.resolve(named(conn))
        return promise

    assert types(await play(AsgiMiddleware(chat, deferred))) == ["accept", "send", "close"]


async def test_a_server_that_stops_tells_the_hooks() -> None:
    async def for_ever(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.get_running_loop().create_future()

    ends = Ends()
    socket = asyncio.ensure_future(play(AsgiMiddleware(for_ever, ends)))
    await asyncio.sleep(0)
    socket.cancel()

    with pytest.raises(asyncio.CancelledError):
        await socket
    assert ends.outcome == (None, 0, "cancelled")
