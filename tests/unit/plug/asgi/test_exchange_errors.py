"""What errors become under ASGI: an answer where one is possible, and the server's log."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn, NotSentError, Pipeline, RequestError, Stream
from clearway.plug.asgi import App, AsgiMiddleware, Event, Receive, Scope, Send, asgi_app
from tests.unit.plug.asgi.actors import Ends, echo
from tests.unit.plug.asgi.stage import Stage, http_scope, pieces


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
