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

# What an app may send a body with: the last two are extensions of ASGI, whose bytes we do not see.
_PIECES = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")


class Exchange:
    """Answer one request by `pipeline`, or by `app` behind it."""

    __slots__ = ("_app", "_bytes_sent", "_client", "_clock", "_conn", "_has_begun", "_is_ended",
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
        self._is_ended = False
        self._bytes_sent = 0

    async def run(self) -> None:
        """Answer, and run the `after_send` hooks."""
        try:
            await self._answer()
        except asyncio.CancelledError as error:
            self._end("cancelled", error)
            raise
        except ClientClosedError as error:
            self._end(error.outcome, error)
        except Exception as error:
            if self._client.has_left:
                self._end(ClientClosedError.outcome, error)
                raise
            is_broken_off = self._has_begun
            if not is_broken_off:
                await self._answer_failure(error)
            self._end(outcome_of(error), error)
            if is_broken_off or is_fault_of_ours(error):
                raise  # the server logs it, and closes the connection on what began
        else:
            self._end("complete")
        finally:
            self._end("error")  # unless one of the above was reached
            self._client.close()

    def _end(self, outcome: str, error: BaseException | None = None) -> None:
        """Run the `after_send` hooks of the newest conn, unless they ran."""
        if self._is_ended:
            return
        self._is_ended = True
        conn = self._conn if error is None else conn_at_failure(error, self._conn)
        if conn.after_send:
            run_after_send(conn, Sent(self._bytes_sent, self._clock() - conn.started, outcome))

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
        body, headers = conn.resp_body, [*conn.resp_headers.raw, *_length_of(conn)]
        head: Event = {"type": "http.response.start", "status": conn.status, "headers": headers}
        is_bodiless = conn.method == "HEAD" or conn.status in (204, 304)
        self._has_begun = True
        if isinstance(body, bytes):
            await self._send(head, _piece(b"" if is_bodiless else body))
            return
        try:
            if is_bodiless:
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
        self._bytes_sent += len(events[-1].get("body", b""))

    # A response of the app behind

    async def _pass_on(self, app: App, conn: Conn) -> None:
        untouched = conn.body is self._client.body and self._client.is_untouched()
        receive = self._client.receive if untouched else BodyReceiver(self._client, conn.body)
        await app(scope_behind(self._scope, conn), receive, self._send_from_behind)
        if self._is_ended:
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
        try:
            await self._tell(event)
        except OSError:  # which apps know to expect
            self._client.has_left = True
            raise
        if event["type"] in _PIECES:
            if self._conn.method != "HEAD":
                self._bytes_sent += len(event.get("body", b""))
            if not event.get("more_body", False):
                self._end("complete")  # not when the app returns: it may have work of its own left


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
