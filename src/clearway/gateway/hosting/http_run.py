# One request at an ASGI app.
#
# A run plays three parts, so that none needs an object of its own per request: the Deferred that the server
# waits for, the Source of a streamed response's body (pause, resume, cancel), and the app's receive and send.
#
# Theory of operation
# -------------------
# The app's first step runs at once, in the callback that brought the request (`tasks.py`). An app that sends
# its start and one body there, as most do, has answered before the server looks: one `send_resp` with bytes,
# and one write. An app that says there is more becomes a Stream, whose source we are: while the client is
# slow, `send` waits.
#
# The head waits for the first piece of the body, to go out with it or to say how long it is. It does not
# wait for an app that waits: then it goes out by itself, because the client of an event stream must see it.
#
# After the client has left, `receive` says http.disconnect and `send` does nothing, as uvicorn's do. The app
# is not cancelled: what it began it may finish.
"""One request at an ASGI app."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from clearway.errors import ClearwayError
from clearway.gateway.hosting.errors import AppError
from clearway.gateway.hosting.response import body_of, joined, read_start, status_of
from clearway.plug import ClientClosedError, Conn, Deferred, Stream
from clearway.plug.asgi import Event, Scope
from clearway.plug.errors import remember_conn
from clearway.plug.headers import NO_HEADERS

if TYPE_CHECKING:
    from clearway.gateway.hosting.asgi_app import AsgiApp

__all__ = ["HttpRun"]

log = logging.getLogger("clearway.gateway")

_BODILESS = (204, 304)


class HttpRun(Deferred[Conn]):
    """Run an app for one request; resolves with the sent conn."""

    # Defaults in the class and no slots: a usual run sets few of these.
    answer: Conn | None = None
    _status = 0  # of the start event
    _headers = NO_HEADERS
    _stream: Stream | None = None
    _owed: int | None = None  # bytes of the body that the app announced and did not send yet
    _is_over = False  # the app has sent the last of its response
    _is_gone = False  # the client is
    _is_read = False  # the app has got the whole request
    _is_paused = False  # the client is slow
    _waiter: asyncio.Future[None] | None = None  # of `send`, for a slow client
    _is_reading = False  # some task of the app waits for the body
    _change: asyncio.Future[None] | None = None  # of every `receive` that waits
    _is_beginning = True  # the first step is being run

    def __init__(self, app: AsgiApp, conn: Conn, scope: Scope) -> None:
        self.done = False  # all that Deferred's own __init__ would do
        self._app = app
        self._conn = conn
        self._scope = scope

    async def run(self) -> None:
        """Call the app, and see how it ends: what the task of this request does."""
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
            elif not self._is_over and not self._is_gone:
                what = "completing" if self._status else "starting"
                self._fail(AppError(f"the app returned without {what} its response"), None)

    def begun(self) -> None:
        """The first step is over, and the app waits for something."""
        self._is_beginning = False
        if self._status and self._stream is None and not self._is_over and not self._is_gone:
            self._begin_stream()

    # The app's `receive`

    async def receive(self) -> Event:
        """Return the next piece of the request's body, or wait for the client to leave."""
        while not (self._is_read or self._is_over or self._is_gone):
            if self._is_reading:  # another task of the app
                await self._changed()
            elif (event := await self._read()) is not None:
                return event
        while not (self._is_over or self._is_gone):
            await self._changed()
        return {"type": "http.disconnect"}

    async def _read(self) -> Event | None:
        self._is_reading = True
        try:
            body, more = await self._conn.body.take()
        except ClientClosedError:
            self._leave()
            return None
        except ClearwayError as error:  # the body is too long, or too slow: the answer is ours
            self._is_gone = True
            self._break_off(error)
            return None
        finally:
            self._is_reading = False
            self._wake()
        self._is_read = not more
        return {"type": "http.request", "body": body, "more_body": more}

    async def _changed(self) -> None:
        if self._change is None:
            self._change = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._change)  # several tasks may wait for it, and one be cancelled

    # The app's `send`

    async def send(self, event: Event) -> None:
        """Take a piece of the response."""
        if self._is_gone:
            return
        kind = event["type"]
        if self._status and kind == "http.response.body" and not self._is_over:
            if event.get("more_body", False):
                await self._take_piece(body_of(event))
            else:
                self._take_last(body_of(event))
        elif not self._status and kind == "http.response.start":
            self._take_start(event)
        else:
            raise AppError(f"the app sent {kind!r} {self._misplaced()}")

    def _misplaced(self) -> str:
        if not self._status:
            return "before http.response.start"
        return "after the end of its response" if self._is_over else "where http.response.body belongs"

    def _take_start(self, event: Event) -> None:
        headers, length = read_start(event.get("headers", ()))
        status = status_of(event)
        if length is not None and self._conn.method != "HEAD" and status not in _BODILESS:
            self._owed = length
        self._status, self._headers = status, headers
        if not self._is_beginning:
            asyncio.get_running_loop().call_soon(self.begun)

    def _take_last(self, body: bytes) -> None:
        if self._owed is not None and self._owed != len(body):
            self._refuse_length(len(body))
        stream = self._stream
        self._is_over = True
        if stream is None:
            self._answer(body)
        else:
            if body:
                stream.feed(body)
            stream.end()
        if self._change is not None:
            self._wake()

    async def _take_piece(self, body: bytes) -> None:
        if self._owed is not None and len(body) > self._owed:
            self._refuse_length(len(body))
        stream = self._stream or self._begin_stream()
        if self._owed is not None:
            self._owed -= len(body)
        if body:
            stream.feed(body)
        while self._is_paused and not self._is_gone:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _refuse_length(self, size: int) -> None:
        than = "longer" if self._owed is not None and size > self._owed else "shorter"
        raise AppError(f"the app's response is {than} than its content-length")

    def _begin_stream(self) -> Stream:
        length = self._owed
        stream = self._stream = Stream(self, length=length)
        self._answer(stream)
        return stream

    def _answer(self, body: bytes | Stream) -> None:
        conn = self._conn
        try:
            headers = joined(conn.resp_headers, self._headers)
            answered = conn.send_resp(self._status, body, headers=headers)
        except Exception as error:  # noqa: BLE001  # a before_send hook's failure is the answer's
            self._is_gone = True
            self._reject(error)
            return
        self.answer = answered
        self.resolve(answered)

    # Ends

    def _fail(self, error: BaseException, cause: BaseException | None) -> None:
        """The app failed: the answer says so, if there was none yet."""
        if self._is_over or self._is_gone:
            when = "after its response was complete" if self._is_over else "after the client had left"
            if not isinstance(cause, asyncio.CancelledError):
                log.error("the app failed %s: %s", when, self._where(), exc_info=error)
        else:
            self._is_over = True
            self._break_off(error)

    def _break_off(self, error: BaseException) -> None:
        if self._stream is None:
            self._reject(error)
        else:
            self._stream.fail(error if isinstance(error, Exception) else AppError(repr(error)))
        self._wake()

    def _reject(self, error: BaseException) -> None:
        remember_conn(error, self._conn)
        self.reject(error)

    def _leave(self) -> None:
        if not self._is_over:
            self._is_gone = True
        self._wake()

    def _wake(self) -> None:
        change, self._change = self._change, None
        if change is not None and not change.done():
            change.set_result(None)
        if self._is_gone:
            self.resume()

    def _where(self) -> str:
        conn = self._conn
        return f"{conn.method} {conn.path} request_id={conn.request_id}"

    # The Source of a streamed body; `cancel` is the Deferred's, too: nobody wants the answer, or its rest

    def pause(self) -> None:
        """The client is slow: let `send` wait."""
        self._is_paused = True

    def resume(self) -> None:
        """The client has caught up."""
        self._is_paused = False
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def cancel(self) -> None:
        """The client has left."""
        super().cancel()
        if self._stream is not None:
            self._stream.cancel()
        self._leave()
