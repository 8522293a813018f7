"""What becomes of errors: an answer where one is possible, the hooks of the newest conn, and no secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from clearway.plug.conn import Conn
from clearway.plug.deferred import Deferred
from clearway.plug.errors import RequestError
from clearway.plug.pipeline import Pipeline, Plug
from clearway.plug.stream import Stream
from clearway.testing.adapter.parts import GET, Check, Endings, Serve, answer_of, ok, same
from clearway.testing.wire import WireResponse, exchange

__all__ = ["CHECKS"]

PROBLEM = "application/problem+json"


def tagged(conn: Conn) -> Conn:
    """Leave marks that an error's answer has to bear."""
    return conn.put_request_id("r1").register_before_send(lambda c: c.put_resp_header("x-hook", "ran"))


def told(answer: WireResponse) -> tuple[int, str | None, object]:
    """Return what an answer says of an error."""
    kind = answer.headers.get("content-type")
    return answer.status, kind, json.loads(answer.body).get("request_id") if kind == PROBLEM else None


async def answers_500_when_no_plug_answered(serve: Serve) -> None:
    """Also when one halted without sending."""
    for plug in (lambda conn: conn, Conn.halt):
        same(told(await answer_of(serve, Pipeline(tagged, plug))), (500, PROBLEM, "r1"), "answer")


def raising(error: Exception) -> dict[str, Plug]:
    """Return plugs that fail in each way in which a plug can."""

    def now(conn: Conn) -> Conn:
        raise error

    async def later(conn: Conn) -> Conn:
        await asyncio.sleep(0)
        raise error

    def deferred(conn: Conn) -> Deferred[Conn]:
        promise: Deferred[Conn] = Deferred()
        asyncio.get_running_loop().call_soon(promise.reject, error)
        return promise

    return {"a plain plug": now, "an async plug": later, "a deferred": deferred}


async def answers_500_to_an_error_and_tells_nothing_of_it(serve: Serve) -> None:
    """However the plug fails, hooks registered before run."""
    for way, plug in raising(LookupError("password=hunter2")).items():
        answer = await answer_of(serve, Pipeline(tagged, plug))
        same(told(answer), (500, PROBLEM, "r1"), f"answer to {way}")
        same(answer.headers.get("x-hook"), "ran", f"hook of {way}")
        same("hunter2" in answer.text, False, f"secret of {way} is told")


async def answers_an_error_with_its_status_and_text(serve: Serve) -> None:
    """For errors that say what is wrong with the request."""
    for way, plug in raising(RequestError(422, "the colour is unknown")).items():
        answer = await answer_of(serve, Pipeline(tagged, plug))
        same(told(answer), (422, PROBLEM, "r1"), f"answer to {way}")
        same(json.loads(answer.body)["detail"], "the colour is unknown", f"text of {way}")


async def drops_an_answer_that_an_error_follows(serve: Serve) -> None:
    """Whoever sends without halting may have a login behind."""

    def login(conn: Conn) -> Conn:
        return conn.send_resp(401).halt()

    answer = await answer_of(serve, Pipeline(lambda conn: conn.send_resp(200, "for members only"), login))

    same(answer.status, 500, "status")
    same("members" in answer.text, False, "dropped answer is told")


async def answers_although_a_before_send_hook_fails(serve: Serve) -> None:
    """With the hook left out."""

    def broken(conn: Conn) -> Conn:
        raise LookupError("the hook's own fault")

    app = Pipeline(tagged, lambda conn: conn.register_before_send(broken), ok)

    same(told(await answer_of(serve, app)), (500, PROBLEM, "r1"), "answer")


async def tells_the_end_of_a_request_that_failed(serve: Serve) -> None:
    """With the error's status and a word for it."""
    for error, status, outcome in (
        (LookupError("oops"), 500, "error"),
        (RequestError(413, "much"), 413, "body_too_large"),
    ):
        for plug in raising(error).values():
            endings = Endings()
            await answer_of(serve, Pipeline(endings, plug))
            conn, sent = await endings.one()
            same((conn.status, sent.outcome), (status, outcome), "end")


async def breaks_off_a_body_that_fails(serve: Serve) -> None:
    """The client must see that something is missing."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"hel"
        raise LookupError("the rest is lost")

    def fed(length: int | None) -> Stream:
        body = Stream(length=length)
        body.feed(b"hel")
        asyncio.get_running_loop().call_later(0.02, body.fail, LookupError("the rest is lost"))
        return body

    for make in (pieces, lambda: fed(None), lambda: fed(5)):
        endings = Endings()
        answer = await answer_of(serve, Pipeline(endings, lambda conn: conn.send_resp(200, make())))  # noqa: B023
        same((answer.status, answer.body, answer.is_whole), (200, b"hel", False), "answer")
        _, sent = await endings.one()
        same((sent.bytes_sent, sent.outcome), (3, "error"), "end")


async def serves_on_after_a_failure(serve: Serve) -> None:
    """The next connection is none the wiser."""

    def moody(conn: Conn) -> Conn:
        if conn.path == "/bad":
            raise LookupError("oops")
        return ok(conn)

    async with serve(moody) as address:
        same((await exchange(address, GET.replace(b" / ", b" /bad "))).status, 500, "first answer")
        same((await exchange(address, GET)).status, 200, "second answer")


CHECKS: tuple[Check, ...] = (
    answers_500_when_no_plug_answered,
    answers_500_to_an_error_and_tells_nothing_of_it,
    answers_an_error_with_its_status_and_text,
    drops_an_answer_that_an_error_follows,
    answers_although_a_before_send_hook_fails,
    tells_the_end_of_a_request_that_failed,
    breaks_off_a_body_that_fails,
    serves_on_after_a_failure,
)
