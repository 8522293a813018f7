# One request and its response on a server connection.
#
# An Exchange plays four small parts, so that none of them needs an object of its own per request:
# the Source of the request's body (pause, resume, cancel), the Sink of the response's body (write, finish,
# fail), the conn's Adapter (inform), and the one who waits for the pipeline.
#
# Theory of operation
# -------------------
#   start -> the pipeline returned a Conn ------------------> respond -> bytes: one write ------> complete
#         -> it returned a Deferred (the proxy): then() -----^       -> Stream: attach, chunks -> complete
#         -> it returned another awaitable: a task ----------^       -> async iterable: a task -> complete
#   anything may raise: `_fail` answers with a problem if nothing was written, else breaks the connection off.
"""One request and its response on a server connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Coroutine
from typing import TYPE_CHECKING

from clearway.clock import monotonic
from clearway.errors import ClearwayError
from clearway.http.encode import LAST_CHUNK, chunk, fields, last_chunk, status_line
from clearway.http.errors import ClientClosedError, outcome_of
from clearway.http.response import BODILESS, response_head
from clearway.http.switching import Successor, switching_head
from clearway.plug import Conn, Deferred, Headers, NotSentError, PlugContractError, Sent, State, Stream
from clearway.plug.ending import run_after_send
from clearway.plug.errors import conn_at_failure
from clearway.plug.failure import failure_answer
from clearway.plug.headers import RawHeaders
from clearway.plug.stream import EMPTY

if TYPE_CHECKING:
    from clearway.http.connection import ServerConnection

__all__ = ["Exchange"]

log = logging.getLogger("clearway.http")

_SENT = State.SENT


class Exchange:
    """Answer one request by the connection's plug."""

    # Defaults in the class and no slots: a usual exchange neither sets nor reads most of these.
    _expects = False  # the client waits for 100 Continue
    _conn: Conn | None = None
    _waiting: Deferred[Conn] | None = None
    _task: asyncio.Task[None] | None = None
    _task_began = False
    _response: Stream | None = None
    _pending_head = b""
    _chunked = False
    _until_close = False  # only the end of the connection ends the response
    _length: int | None = None  # of a streamed response, where it is known
    _sent = 0
    _writable: asyncio.Future[None] | None = None

    def __init__(
        self,
        connection: ServerConnection,
        request: Conn,
        length: int | None,
        keep_alive: bool,
        expects_continue: bool,
    ) -> None:
        self.connection = connection
        self.request = request
        self.keep_alive = keep_alive
        self.body = EMPTY if length == 0 else Stream(self, length=length)
        self.responding = False  # part of the final response is on its way
        self.done = False
        self._gone = False  # the client is
        self.outcome = "complete"
        if expects_continue and length != 0:
            self._expects = True
            self.body.pause()  # so that the first reader resumes, which sends 100 Continue

    def start(self) -> None:
        """Call the plug and see what comes back."""
        connection = self.connection
        conn = self._conn = self.request._with(body=self.body, adapter=self, started=monotonic())
        try:
            result = connection.plug(conn)
        except Exception as error:  # noqa: BLE001  # whatever a plug raises becomes an answer
            self._fail(error)
            return
        if isinstance(result, Deferred):
            self._waiting = result
            result.then(self._settled)
        elif result.__class__ is Conn:
            self._respond(result)
        else:
            self._start_task(self._wait_for(result))

    def _request(self) -> Conn:
        assert self._conn is not None, "start() sets it"
        return self._conn

    def _settled(self, conn: Conn | None, error: BaseException | None) -> None:
        self._waiting = None
        if conn is not None:
            self._respond(conn)
        elif error is not None:
            self._fail(error)

    async def _wait_for(self, result: object) -> None:
        self._begin_task()
        try:
            if not isinstance(result, Awaitable):
                raise NotSentError(f"the pipeline returned {result!r} instead of a conn")
            conn = await result
        except asyncio.CancelledError as error:
            if not self._gone:
                raise
            self._finish_gone(conn_at_failure(error, self._request()))
        except Exception as error:  # noqa: BLE001  # whatever a plug raises becomes an answer
            self._task = None
            self._fail(error)
        else:
            self._task = None
            self._respond(conn)

    def _start_task(self, coroutine: Coroutine[None, None, None]) -> None:
        self._task_began = False
        self._task = asyncio.get_running_loop().create_task(coroutine)

    def _begin_task(self) -> None:
        """Begin, even for a client that is gone: a task that is cancelled before would never run at all, and
        who is told of the end of requests would not hear of this one."""
        self._task_began = True
        if self._gone and self._task is not None:
            self._task.cancel()

    # The response

    def _respond(self, conn: Conn) -> None:
        if self.done:
            return
        if self._gone:
            self._finish_gone(conn)
            return
        if conn.__class__ is Conn:
            self._conn = conn
        if self._conn is not conn or conn.state is not _SENT:
            self._fail(NotSentError(f"no plug answered {self.request.method} {self.request.path}"))
            return
        self.responding = True
        connection, body = self.connection, conn.resp_body
        if connection.server.closing or not (self.body is EMPTY or self.body.is_ended()):
            # A body that is not read would stand before the next request.
            self.keep_alive = False
        head, chunked, closes = response_head(conn, self.keep_alive)
        if self.request.method == "HEAD" or conn.status in BODILESS:
            connection.write(head)
            if isinstance(body, Stream):
                body.cancel()
            self.complete(self.outcome)
        elif isinstance(body, bytes):
            self._sent = len(body)
            connection.write_whole(head + body)
            self.complete(self.outcome)
        else:
            self._pending_head, self._chunked = head, chunked
            if closes:
                self.keep_alive, self._until_close = False, True
            self._stream(body)

    def _switch(self, successor: Successor) -> None:
        connection = self.connection
        self._pending_head = b""
        connection.write(switching_head(self._request(), successor))
        arrived = connection.leave_to(successor)
        server = connection.server
        successor.took_over(connection.transport, arrived, server.deadlines, self._successor_left)
        if server.closing:
            successor.go_away()

    def _successor_left(self, error: Exception | None, outcome: str, bytes_sent: int) -> None:
        self._sent = bytes_sent
        self.connection.connection_lost(error)
        self.complete(outcome)

    def _stream(self, body: Stream | AsyncIterable[bytes]) -> None:
        if isinstance(body, Stream):
            self._response, self._length = body, body.length
            body.attach(self)
            if self._pending_head:
                self.connection.write(self._take_head())
        elif isinstance(body, Successor):
            self._switch(body)
        else:
            self._start_task(self._pump(body))

    async def _pump(self, body: AsyncIterable[bytes]) -> None:
        self._begin_task()
        try:
            async for piece in body:
                self.write(piece)
                if self.connection.is_write_paused():
                    self._writable = asyncio.get_running_loop().create_future()
                    await self._writable
        except asyncio.CancelledError:
            if not self._gone:
                raise
            self._finish_gone(self._conn)
        except Exception as error:  # noqa: BLE001  # whatever a body raises breaks the response off
            self._task = None
            self.fail(error)
        else:
            self._task = None
            self.finish(())
        finally:
            if isinstance(body, AsyncGenerator):
                await body.aclose()  # now, and not when the collector finds it

    def write(self, data: bytes) -> None:
        """Send a piece of the response's body (part of `Sink`)."""
        if self.done or not data:
            return
        if self._length is not None and self._sent + len(data) > self._length:
            if self._response is not None:
                self._response.cancel()
            self.fail(PlugContractError(f"a response body is longer than its length, {self._length} bytes"))
            return
        self._sent += len(data)
        if self._chunked:
            data = chunk(data)
        self.connection.write(self._take_head() + data if self._pending_head else data)

    def finish(self, trailers: RawHeaders) -> None:
        """End the response's body (part of `Sink`)."""
        if self.done:
            return
        if self._length is not None and self._sent < self._length:
            self.fail(PlugContractError(f"a response body is shorter than its length, {self._length} bytes"))
            return
        self._response = None
        end = self._take_head()
        if self._chunked:
            end += last_chunk(trailers) if trailers else LAST_CHUNK
        if end:
            self.connection.write(end)
        self.complete(self.outcome)

    def fail(self, error: Exception) -> None:
        """Break the response off: the client must see that it is not complete (part of `Sink`)."""
        if self.done:
            return
        self._response = None
        self.keep_alive = False
        self._log(error, "response broken off")
        if self._pending_head:
            self.connection.write(self._take_head())
        self.outcome = outcome_of(error)
        if self._until_close:
            self.connection.reset()
        else:
            self.connection.abort_after_flush()
        self.complete(self.outcome)

    def _take_head(self) -> bytes:
        head, self._pending_head = self._pending_head, b""
        return head

    def _fail(self, error: BaseException) -> None:
        """Answer for a pipeline that raised."""
        if self.done:
            return
        if self._gone:
            self._finish_gone(conn_at_failure(error, self._request()))
            return
        self.outcome = outcome_of(error)
        answer = self._conn = failure_answer(error, self._request())
        self._log(error, "request failed")
        if answer.status in (408, 413):
            self.keep_alive = False
        self._respond(answer)

    def _log(self, error: BaseException, what: str) -> None:
        conn = self._conn
        request_id = conn.request_id if conn is not None else None
        where = (
            f"{self.request.method} {self.request.path} request_id={request_id} outcome={outcome_of(error)}"
        )
        if isinstance(error, ClearwayError) and error.status != 500:
            log.info("%s: %s: %s", what, where, error)
        else:
            log.error("%s: %s: %s", what, where, error, exc_info=error)

    def complete(self, outcome: str) -> None:
        """Tell everybody that this exchange is over, once."""
        if self.done:
            return
        self.done = True
        conn = self._conn
        if conn is not None and conn.after_send:
            run_after_send(conn, Sent(self._sent, monotonic() - conn.started, outcome))
        # The conn knows us as its adapter: without this, every request would be a cycle for the collector.
        self._conn = None
        self.connection.exchange_ended(self)

    def client_closed(self) -> None:
        """Stop everything: nobody will read the answer."""
        if self.done or self._gone:
            return
        self._gone = True
        waiting, self._waiting = self._waiting, None
        response, self._response = self._response, None
        self.body.fail(ClientClosedError("the client closed the connection"))
        if response is not None:
            response.cancel()
        if self._task is not None:
            if self._task_began:
                self._task.cancel()
            return  # it ends this exchange when it has unwound, with the newest conn
        newest = self._conn
        if waiting is not None:
            waiting.cancel()
            newest = waiting.conn or newest
        self._finish_gone(newest)

    def _finish_gone(self, conn: Conn | None) -> None:
        if self.done:
            return
        if conn is not None:
            self._conn = conn
            if isinstance(conn.resp_body, Stream):
                conn.resp_body.cancel()
        self._log(ClientClosedError("the client closed the connection"), "request given up")
        self.complete(ClientClosedError.outcome)

    # The response's flow, told by the connection

    def writing_paused(self) -> None:
        """The client reads slowly."""
        if self._response is not None:
            self._response.pause()

    def writing_resumed(self) -> None:
        """The client has caught up."""
        if self._response is not None:
            self._response.resume()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # The request body's Source

    def pause(self) -> None:
        """Stop reading the request's body (part of `Source`)."""
        self.connection.pause_body()

    def resume(self) -> None:
        """Go on reading; a client that waits for 100 Continue is told to send (part of `Source`)."""
        if self._expects:
            self._expects = False
            if not self.responding and not self.done and not self.body.is_ended():
                self.connection.write(status_line(100) + b"\r\n")
        self.connection.resume_body()

    def cancel(self) -> None:
        """Nobody wants the rest of the body: the connection ends after the answer (part of `Source`)."""
        self.keep_alive = False
        self.connection.resume_body()

    # The conn's Adapter

    @property
    def server_address(self) -> tuple[str, int | None] | None:
        """Where the client connected to: host and port, or the path of a Unix socket and None."""
        return self.connection.local

    def inform(self, status: int, headers: Headers) -> None:
        """Send an interim response, unless the final one has begun or the client speaks HTTP/1.0."""
        if not self.responding and not self.done and self.request.http_version == "1.1":
            self.connection.write(status_line(status) + fields(headers.raw) + b"\r\n")
