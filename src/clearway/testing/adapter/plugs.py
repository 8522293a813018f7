"""How an adapter calls plugs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from clearway.plug.conn import Conn
from clearway.plug.deferred import Deferred
from clearway.plug.pipeline import Pipeline
from clearway.testing.adapter.parts import Check, Serve, answer_of, ok, same

__all__ = ["CHECKS"]


async def waits_for_an_async_plug(serve: Serve) -> None:
    """One that gives way to the event loop."""

    async def slow(conn: Conn) -> Conn:
        await asyncio.sleep(0)
        return conn.send_resp(200, "slow")

    same((await answer_of(serve, slow)).text, "slow", "answer")


async def waits_for_a_deferred(serve: Serve) -> None:
    """One that is settled already, one by a callback, and one with plugs behind."""

    def settled(conn: Conn) -> Deferred[Conn]:
        promise: Deferred[Conn] = Deferred()
        promise.resolve(conn.send_resp(200, "settled"))
        return promise

    def later(conn: Conn) -> Deferred[Conn]:
        promise: Deferred[Conn] = Deferred()
        asyncio.get_running_loop().call_soon(promise.resolve, conn.put_resp_header("x-later", "1"))
        return promise

    same((await answer_of(serve, settled)).text, "settled", "answer")
    same((await answer_of(serve, Pipeline(later, ok))).headers.get("x-later"), "1", "header")


async def sends_what_a_halted_conn_holds(serve: Serve) -> None:
    """Plugs behind the halt are not called."""
    called: list[str] = []

    def refuse(conn: Conn) -> Conn:
        return conn.put_resp_header("www-authenticate", "Basic").send_resp(401, "no").halt()

    def behind(conn: Conn) -> Conn:
        called.append("behind")
        return conn

    answer = await answer_of(serve, Pipeline(refuse, behind))

    same((answer.status, answer.text, called), (401, "no", []), "answer, and plugs behind")


async def runs_before_send_hooks_on_every_answer(serve: Serve) -> None:
    """Last registered first, and on a 401 as on a 200."""

    def note(word: str) -> Pipeline:
        def hook(conn: Conn) -> Conn:
            return conn.update_resp_header("x-ran", word, lambda ran: f"{ran} {word}")

        return Pipeline(lambda conn: conn.register_before_send(hook))

    def status_from_path(conn: Conn) -> Conn | Awaitable[Conn]:
        return conn.send_resp(int(conn.path[1:])).halt()

    for status in (200, 401):
        request = f"GET /{status} HTTP/1.1\r\nhost: a\r\n\r\n".encode()
        answer = await answer_of(serve, Pipeline(note("first"), note("second"), status_from_path), request)
        same((answer.status, answer.headers.get("x-ran")), (status, "second first"), "answer")


CHECKS: tuple[Check, ...] = (
    waits_for_an_async_plug,
    waits_for_a_deferred,
    sends_what_a_halted_conn_holds,
    runs_before_send_hooks_on_every_answer,
)
