# One WebSocket at an ASGI app.
#
# Like a run for a request, this is the Deferred that the server waits for: it resolves with a 101 and the
# WebSocket that takes the connection over, or with an answer that refuses. After that it is the WebSocket's
# receiver, and the app's receive and send.
"""One WebSocket at an ASGI app."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Any

from clearway.gateway.hosting.errors import AppError
from clearway.gateway.hosting.response import body_of, joined, response_headers, status_of
from clearway.http.switching import switched
from clearway.http.websocket import WebSocket, WebSocketLimits, accept_websocket
from clearway.plug import Conn, Deferred, Headers
from clearway.plug.asgi import Event, Scope
from clearway.plug.errors import remember_conn
from clearway.plug.headers import encode_value

if TYPE_CHECKING:
    from clearway.gateway.hosting.asgi_app import AsgiApp

__all__ = ["WebSocketRun"]

log = logging.getLogger("clearway.gateway")

_GONE, _FAILED, _NORMAL = 1006, 1011, 1000
_ANSWERS = ("websocket.accept", "websocket.close", "websocket.http.response.start")


class _State(Enum):
    ASKED = "asked"
    REFUSING = "refusing"  # a response is on its way, in pieces
    OPEN = "open"
    OVER = "over"


class WebSocketRun(Deferred[Conn]):
    """Run an app for one WebSocket; resolves with the sent conn."""

    def __init__(self, app: AsgiApp, conn: Conn, scope: Scope, limits: WebSocketLimits) -> None:
        self.done = False  # all that Deferred's own __init__ would do
        self._app, self._conn, self._scope, self._limits = app, conn, scope, limits
        self._wire, self._lines = accept_websocket(conn, limits)
        self._state = _State.ASKED
        self._is_gone = False  # the client is
        self._socket: WebSocket | None = None
        self._events: deque[Event] = deque([{"type": "websocket.connect"}])
        self._queued = 0  # bytes of messages in `_events`
        self._last: Event | None = None  # the disconnect, once it is over
        self._waiters: list[asyncio.Future[None]] = []
        self._refusal: tuple[int, Headers] = (403, Headers())
        self._pieces: list[bytes] = []

    async def run(self) -> None:
        """Call the app, and see how it ends: what the task of this socket does."""
        try:
            result: Any = await self._app.app(self._scope, self.receive, self.send)  # type: ignore[func-returns-value]
        except asyncio.CancelledError as error:
            self._fail(AppError("the server stopped before the app had answered"), error)
            raise
        except BaseException as error:
            self._fail(error, error)
            if not isinstance(error, Exception):
                raise
        else:
            if result is not None:
                self._fail(AppError(f"the app returned {result!r:.80}; an ASGI app returns nothing"), None)
            elif self._state in (_State.ASKED, _State.REFUSING) and not self._is_gone:
                self._fail(AppError("the app returned without an answer to the handshake"), None)
            elif self._socket is not None:
                self._socket.close(_NORMAL)

    def begun(self) -> None:
        """The first step is over, and the app waits for something."""

    # The app's `receive` and `send`

    async def receive(self) -> Event:
        """Return what came next; once it is over, the disconnect again and again."""
        while not self._events:
            if self._last is not None:
                return self._last
            await self._changed()
        event = self._events.popleft()
        self._queued -= _size(event)
        if self._socket is not None and self._queued <= self._limits.queued_bytes // 2:
            self._socket.resume_reading()
        return event

    async def send(self, event: Event) -> None:
        """Answer the handshake, or send a message."""
        kind = event["type"]
        if self._is_gone:
            raise BrokenPipeError("the client has left")
        if self._state is _State.ASKED:
            self._answer_handshake(kind, event)
        elif self._state is _State.REFUSING:
            self._take_piece(kind, event)
        elif self._state is _State.OPEN:
            await self._take_message(kind, event)
        else:
            raise AppError(f"the app sent {kind!r} after the end")

    def _answer_handshake(self, kind: str, event: Event) -> None:
        if kind == "websocket.accept":
            self._accept(event)
        elif kind == "websocket.close":
            self._refuse(403, Headers(), b"")
        elif kind == "websocket.http.response.start":
            self._refusal = status_of(event), response_headers(event.get("headers", ()))
            self._state = _State.REFUSING
        else:
            raise AppError(f"the app sent {kind!r} where one of {', '.join(_ANSWERS)} belongs")

    def _accept(self, event: Event) -> None:
        headers = response_headers(event.get("headers") or ())
        subprotocol = event.get("subprotocol")
        if subprotocol:
            value = encode_value("sec-websocket-protocol", subprotocol)
            headers = headers.put_raw(b"sec-websocket-protocol", value)
        conn = self._conn.put_resp_headers(joined(self._conn.resp_headers, headers))
        socket = WebSocket(self._wire, self._lines, self._limits, self)
        self._socket, self._state = socket, _State.OPEN
        try:
            answered = switched(conn, socket)
        except Exception as error:  # noqa: BLE001  # a before_send hook's failure is the answer's
            self._over({"type": "websocket.disconnect", "code": _GONE, "reason": ""})
            self._reject(error)
        else:
            self.resolve(answered)

    def _take_piece(self, kind: str, event: Event) -> None:
        if kind != "websocket.http.response.body":
            raise AppError(f"the app sent {kind!r} where websocket.http.response.body belongs")
        self._pieces.append(body_of(event))
        if not event.get("more_body", False):
            status, headers = self._refusal
            self._refuse(status, headers, b"".join(self._pieces))

    def _refuse(self, status: int, headers: Headers, body: bytes) -> None:
        self._over({"type": "websocket.disconnect", "code": _GONE, "reason": ""})
        conn = self._conn
        try:
            answered = conn.send_resp(status, body, headers=joined(conn.resp_headers, headers))
        except Exception as error:  # noqa: BLE001  # a before_send hook's failure is the answer's
            self._reject(error)
        else:
            self.resolve(answered)

    async def _take_message(self, kind: str, event: Event) -> None:
        socket = self._socket
        assert socket is not None, "it is open"
        if kind == "websocket.close":
            code = event.get("code", _NORMAL)
            reason = event.get("reason") or ""
            self._state = _State.OVER
            socket.close(_NORMAL if code is None else code, reason)
        elif kind == "websocket.send":
            socket.send(_message_of(event))
            while socket.is_write_paused and not self._is_gone:
                await self._changed()
        else:
            raise AppError(f"the app sent {kind!r} where websocket.send or websocket.close belongs")

    # The WebSocket's Receiver

    def message_arrived(self, message: str | bytes) -> None:
        """Keep a message for the app; while it is slow, read no more (part of `Receiver`)."""
        key = "text" if isinstance(message, str) else "bytes"
        event: Event = {"type": "websocket.receive", key: message}
        self._events.append(event)
        self._queued += _size(event)
        if self._socket is not None and self._queued > self._limits.queued_bytes:
            self._socket.pause_reading()
        self._wake()

    def writing_resumed(self) -> None:
        """Let `send` go on (part of `Receiver`)."""
        self._wake()

    def closed(self, code: int, reason: str) -> None:
        """Tell the app that it is over (part of `Receiver`)."""
        self._is_gone = self._state is not _State.OVER  # unless the app has closed it
        self._over({"type": "websocket.disconnect", "code": code, "reason": reason})

    # Ends

    def cancel(self) -> None:
        """The client has left before the app had answered."""
        super().cancel()
        if self._last is None:
            self.closed(_GONE, "")

    def _fail(self, error: BaseException, cause: BaseException | None) -> None:
        """The app failed: refuse the handshake with 500, or close with 1011."""
        if self._state in (_State.ASKED, _State.REFUSING) and not self._is_gone:
            self._over({"type": "websocket.disconnect", "code": _GONE, "reason": ""})
            self._reject(error)
            return
        is_told = self._is_gone and isinstance(error, OSError)  # what `send` raises once the client has left
        if not is_told and not isinstance(cause, asyncio.CancelledError):
            conn = self._conn
            log.error("the app failed: %s request_id=%s", conn.path, conn.request_id, exc_info=error)
        if self._socket is not None:
            self._socket.close(_FAILED)

    def _reject(self, error: BaseException) -> None:
        remember_conn(error, self._conn)
        self.reject(error)

    def _over(self, last: Event) -> None:
        self._state = _State.OVER
        self._last = self._last or last
        self._wake()

    async def _changed(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _size(event: Event) -> int:
    return len(event.get("text") or event.get("bytes") or b"")


def _message_of(event: Event) -> str | bytes:
    """Return the message of a send event: bytes, or text."""
    data, text = event.get("bytes"), event.get("text")
    if data is not None:
        return bytes(data)
    if not isinstance(text, str):
        raise AppError("the app sent a message with neither bytes nor text")
    return text
