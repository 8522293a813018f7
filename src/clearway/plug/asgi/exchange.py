# One HTTP request under an ASGI server.
#
# Theory of operation
# -------------------
#   the pipeline answered -------------------------> its response is sent
#   it let the request pass, and an app is behind -> the app runs; its response start becomes a decided conn,
#                                                    so that headers put before and hooks meet it
#   anything raised -------------------------------> a problem, or, once the head is out, a broken-off body
# Whatever happens, the `after_send` hooks of the newest conn run once.
"""One HTTP request under an ASGI server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from contextlib import suppress

from clearway.clock import Clock
from clearway.plug.asgi.behind import BodyReceiver, joined
from clearway.plug.asgi.body import dispose
from clearway.plug.asgi.client import Client
from clearway.plug.asgi.protocol import App, Event, Receive, Scope, Send
from clearway.plug.asgi.scope import body_length, read_headers, read_scope, scope_behind
from clearway.plug.conn import Conn, Sent, State
from clearway.plug.deferred import Deferred
from clearway.plug.ending import run_after_send
from clearway.plug.errors import ClientClosedError, NotSentError, conn_at_failure
from clearway.plug.failure import failure_answer, is_fault_of_ours, outcome_of
from clearway.plug.pipeline import Plug
from clearway.plug.stream import EMPTY, Stream

__all__ = ["Exchange"]


class Exchange:
    """Answer one request by `pipeline`, or by `app` behind it."""

    __slots__ = ("_app", "_bytes_sent", "_client", "_clock", "_conn", "_has_begun", "_is_complete",
                 "_pipeline", "_scope", "_tell")  # fmt: skip

    def __init__(
        self, pipeline: Plug, app: App | None, clock: Clock, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = read_headers(scope)
        self._pipeline = pipeline
        self._app = app
        self._clock = clock
        self._scope = scope
        self._tell = send
        self._client = Client(receive, body_length(headers, scope.get("http_version", "1.1")))
        self._conn = read_scope(scope, headers, self._client.body, clock())  # the newest we know
        self._has_begun = False  # the response's head is on its way
        self._is_complete = False
        self._bytes_sent = 0

    async def run(self) -> None:
        """Answer, and run the `after_send` hooks."""
        outcome = "complete"
        try:
            await self._answer()
        except asyncio.CancelledError as error:
            outcome, self._conn = "cancelled", conn_at_failure(error, self._conn)
            raise
        except ClientClosedError as error:
            outcome, self._conn = error.outcome, conn_at_failure(error, self._conn)
        except Exception as error:
            outcome, is_broken_off = outcome_of(error), self._has_begun
            if not is_broken_off:
                await self._answer_failure(error)
            if is_broken_off or is_fault_of_ours(error):
                raise  # the server logs it, and closes the connection on what began
        finally:
            self._client.close()
            if self._conn.after_send:
                duration_s = self._clock() - self._conn.started
                run_after_send(self._conn, Sent(self._bytes_sent, duration_s, outcome))

    async def _answer(self) -> None:
        result = self._pipeline(self._conn)
        if not isinstance(result, Conn):
            if isinstance(result, Deferred) and result.conn is not None:
                self._conn = result.conn
            result = await self._client.unless_gone(result)
        self._conn = result
        if self._app is not None and result.state is State.UNSET and not result.halted:
            await self._pass_on(self._app, result)
        else:
            await self._respond(result)

    async def _answer_failure(self, error: Exception) -> None:
        self._conn = failure_answer(error, self._conn)
        with suppress(ClientClosedError):
            await self._respond(self._conn)

    # A response of the pipeline

    async def _respond(self, conn: Conn) -> None:
        if conn.state is not State.SENT:
            raise NotSentError(f"no plug answered {conn.method} {conn.path}")
        assert conn.status is not None  # it is sent
        body, headers = conn.resp_body, [*conn.resp_headers.raw, *_length_of(conn)]
        head: Event = {"type": "http.response.start", "status": conn.status, "headers": headers}
        self._has_begun = True
        if isinstance(body, bytes):
            await self._send(head, _piece(b"" if conn.method == "HEAD" else body))
            return
        try:
            if conn.method == "HEAD" or conn.status in (204, 304):
                await self._send(head, _piece(b""))
            else:
                await self._send(head)
                await self._client.unless_gone(self._stream(body))
        finally:
            await dispose(body)

    async def _stream(self, body: Stream | AsyncIterable[bytes]) -> None:
        async for piece in body:
            await self._send(_piece(piece, more=True))
        await self._send(_piece(b""))

    async def _send(self, *events: Event) -> None:
        try:
            for event in events:
                await self._tell(event)
        except OSError as error:  # what servers raise since ASGI 2.4
            raise ClientClosedError("the client closed the connection") from error
        if self._conn.method != "HEAD":
            self._bytes_sent += len(events[-1].get("body", b""))

    # A response of the app behind

    async def _pass_on(self, app: App, conn: Conn) -> None:
        untouched = conn.body is self._client.body and self._client.is_untouched()
        receive = self._client.receive if untouched else BodyReceiver(self._client, conn.body)
        await app(scope_behind(self._scope, conn), receive, self._send_from_behind)
        if self._is_complete:
            return
        if self._client.has_left:
            raise ClientClosedError("the client closed the connection")
        raise NotSentError(f"the app behind returned without a complete answer to {conn.method} {conn.path}")

    async def _send_from_behind(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            headers = joined(self._conn.resp_headers, event.get("headers", ()))
            conn = self._conn.put_resp_headers(headers).send_resp(event["status"], EMPTY)
            self._conn, self._has_begun = conn, True
            event = {**event, "status": conn.status, "headers": list(conn.resp_headers.raw)}
        await self._send(event)
        self._is_complete = event["type"] == "http.response.body" and not event.get("more_body", False)


def _piece(body: bytes, *, more: bool = False) -> Event:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _length_of(conn: Conn) -> list[tuple[bytes, bytes]]:
    """Return the content-length line that `conn` lacks, where one is known and allowed."""
    body = conn.resp_body
    length = len(body) if isinstance(body, bytes) else body.length if isinstance(body, Stream) else None
    if (
        length is None
        or conn.status in (204, 304)
        or conn.resp_headers.get_raw(b"content-length") is not None
    ):
        return []
    return [(b"content-length", b"%d" % length)]
