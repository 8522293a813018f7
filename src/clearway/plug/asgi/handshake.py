# One WebSocket under an ASGI server.
#
# The pipeline sees the handshake, an HTTP GET. A conn that it answers or halts refuses the connection, with
# the whole response where the server can send one (the "websocket.http.response" extension), else with the
# 403 that ASGI prescribes for a close before an accept. After the accept the socket is the app's alone.
"""One WebSocket under an ASGI server."""

from __future__ import annotations

import asyncio

from clearway.clock import Clock
from clearway.plug.asgi.behind import joined
from clearway.plug.asgi.body import dispose
from clearway.plug.asgi.protocol import App, Event, Receive, Scope, Send
from clearway.plug.asgi.scope import read_headers, read_scope, scope_behind
from clearway.plug.conn import Conn, Sent, State, switch_protocols
from clearway.plug.deferred import Deferred
from clearway.plug.ending import run_after_send
from clearway.plug.errors import NotSentError, conn_at_failure
from clearway.plug.failure import failure_answer, is_fault_of_ours, outcome_of
from clearway.plug.pipeline import Plug
from clearway.plug.stream import EMPTY

__all__ = ["Handshake"]

_POLICY_VIOLATION = 1008  # RFC 6455 section 7.4.1


class Handshake:
    """Let a WebSocket through to `app`, or refuse it."""

    __slots__ = ("_app", "_clock", "_conn", "_has_begun", "_pipeline", "_receive", "_scope", "_send")

    def __init__(
        self, pipeline: Plug, app: App | None, clock: Clock, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._pipeline = pipeline
        self._app = app
        self._clock = clock
        self._scope = scope
        self._receive = receive
        self._send = send
        self._conn = read_scope(scope, read_headers(scope), EMPTY, clock())
        self._has_begun = False  # accepted or refused

    async def run(self) -> None:
        """Answer the handshake, and run the `after_send` hooks when the socket is closed."""
        outcome = "complete"
        try:
            await self._answer()
        except asyncio.CancelledError as error:
            outcome, self._conn = "cancelled", conn_at_failure(error, self._conn)
            raise
        except Exception as error:
            outcome = outcome_of(error)
            if not self._has_begun:
                await self._refuse(failure_answer(error, self._conn))
                if not is_fault_of_ours(error):
                    return
            raise
        finally:
            run_after_send(self._conn, Sent(0, self._clock() - self._conn.started, outcome))

    async def _answer(self) -> None:
        result = self._pipeline(self._conn)
        if not isinstance(result, Conn):
            if isinstance(result, Deferred) and result.conn is not None:
                self._conn = result.conn
            result = await result
        self._conn = result
        if result.state is State.SENT:
            await self._refuse(result)
        elif result.halted or self._app is None:
            raise NotSentError(f"no plug answered the handshake of {result.path}, and nothing is behind")
        else:
            await self._app(scope_behind(self._scope, result), self._receive, self._send_from_behind)

    async def _refuse(self, conn: Conn) -> None:
        self._conn, self._has_begun = conn, True
        await self._receive()  # websocket.connect, to which this is the answer
        if "websocket.http.response" not in (self._scope.get("extensions") or {}):
            await self._send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        headers = list(conn.resp_headers.raw)
        await self._send({"type": "websocket.http.response.start", "status": conn.status, "headers": headers})
        body = conn.resp_body
        if isinstance(body, bytes):
            await self._send_piece(body, more=False)
            return
        try:
            async for piece in body:
                await self._send_piece(piece, more=True)
            await self._send_piece(b"", more=False)
        finally:
            await dispose(body)

    async def _send_piece(self, piece: bytes, *, more: bool) -> None:
        await self._send({"type": "websocket.http.response.body", "body": piece, "more_body": more})

    async def _send_from_behind(self, event: Event) -> None:
        if not self._has_begun and event["type"] in ("websocket.accept", "websocket.http.response.start"):
            conn = self._conn.put_resp_headers(joined(self._conn.resp_headers, event.get("headers", ())))
            accepted = event["type"] == "websocket.accept"
            self._conn = switch_protocols(conn) if accepted else conn.send_resp(event["status"])
            self._has_begun = True
            event = {**event, "headers": list(self._conn.resp_headers.raw)}
        await self._send(event)
