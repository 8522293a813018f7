# The server of profiles: threads of its own, so that it answers while the event loop is blocked.
#
# Theory of operation
# -------------------
# One thread accepts; one per connection reads a request, waits while a profile is recorded, answers, closes.
# Both wait in poll() for their socket and for `_ending`, a pipe that nobody writes to: closing it wakes all.
# A client that hangs up shows as POLLRDHUP, and ends its recording.
#
# Threads are made by `_thread`, and so are daemons, and no greenlets where gevent has been (unpatched.py).
# A fork leaves the child without our threads, so the child closes what it inherited and serves nothing.
"""The server of profiles, in threads of its own."""

from __future__ import annotations

import logging
import os
import select
from contextlib import suppress
from select import POLLERR, POLLHUP, POLLIN
from socket import SHUT_WR
from typing import TYPE_CHECKING, NamedTuple

from clearway.clock import Clock, monotonic
from clearway.pprof.web.answer import Answer, refusal
from clearway.pprof.web.collection import Collection
from clearway.pprof.web.guard import Guard
from clearway.pprof.web.listening import Bound
from clearway.pprof.web.pages import Pages, Request, base_at
from clearway.pprof.web.request import HEAD_BYTES, Head, read_head, response
from clearway.pprof.web.unpatched import unpatched

__all__ = ["PprofServer", "PprofStatistics"]

HEAD_S = 10.0  # for a whole request to arrive
SEND_S = 60.0  # for a client to take more of the answer
REFUSE_S = 0.1  # for a client to send what is not read any more
LINGER_S = 1.0  # for a client to close after it
MOST_CONNECTIONS = 64
# Outside Linux, a client that hangs up is noticed when it is answered.
GONE = getattr(select, "POLLRDHUP", 0) | POLLHUP | POLLERR

if TYPE_CHECKING:
    from _thread import allocate_lock, start_new_thread
    from select import poll
    from socket import socket
else:
    allocate_lock = unpatched("_thread", "allocate_lock")
    start_new_thread = unpatched("_thread", "start_new_thread")
    poll, socket = unpatched("select", "poll"), unpatched("socket", "socket")

log = logging.getLogger("clearway.pprof")


class PprofStatistics(NamedTuple):
    """A server's counts since it was started.

    Attributes:
        open: Connections now.
        collecting: Profiles that are being collected.
        answered: Requests answered.
        left: Clients that hung up before they were answered.
        refused: Connections and collections turned away because too many ran.
    """

    open: int
    collecting: int
    answered: int
    left: int
    refused: int


class PprofServer:
    """Serve profiles from threads of its own; made by `start`.

        server = pprof.start("127.0.0.1:6060")
        ...
        server.stop()

    Attributes:
        address: Where it listens, for instance `127.0.0.1:6060` or `unix:/run/app/pprof.sock`.
        url: The index page.
        is_stopped: Whether it serves no more.
    """

    def __init__(self, bound: Bound, pages: Pages, guard: Guard, clock: Clock = monotonic) -> None:
        self.address, self.url = bound.address, bound.url
        self._bound, self._pages, self._guard, self._clock = bound, pages, guard, clock
        self._pid = os.getpid()
        self._connections: set[socket] = set()
        self._answered = self._left = self._refused = 0
        self._ending, self._end = os.pipe()
        self._waiting = 1  # threads that may look at `_ending`; the last one closes it
        self._lock = allocate_lock()
        self.is_stopped = False
        bound.listener.setblocking(False)
        # Registered here: it may be stopped before the thread has run at all.
        waiting = poll()
        waiting.register(bound.listener, POLLIN)
        waiting.register(self._ending, POLLIN)
        start_new_thread(self._accept, (waiting,))

    # The thread that accepts

    def _accept(self, waiting: poll) -> None:
        try:
            self._accept_all(waiting)
        finally:
            self._thread_ends()

    def _thread_ends(self) -> None:
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                os.close(self._ending)

    def _accept_all(self, waiting: poll) -> None:
        while True:
            ready = waiting.poll()
            if self.is_stopped or any(fd == self._ending for fd, _ in ready):
                return
            try:
                # accept() would make a socket of what `socket.socket` is now, which may be gevent's.
                connection = socket(fileno=self._bound.listener._accept()[0])  # type: ignore[attr-defined]
            except OSError:  # it left again, or no descriptor is free: then the poll is no use for a while
                self._wait(None, 0.05)
                continue
            self._take(connection)

    def _take(self, connection: socket) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            self._refused += 1
            with connection, suppress(OSError):
                connection.send(response(refusal(503, "too many connections are open")))
                connection.shutdown(SHUT_WR)
                self._receive(connection, self._clock() + REFUSE_S)  # else closing resets the connection
            return
        self._connections.add(connection)
        with self._lock:
            self._waiting += 1
        try:
            start_new_thread(self._serve, (connection,))
        except RuntimeError:  # no thread to be had
            self._refused += 1
            self._drop(connection)

    # The thread of a connection

    def _serve(self, connection: socket) -> None:
        try:
            self._answer(connection)
        except OSError:
            self._left += 1
        except MemoryError:
            self._refused += 1
        except Exception:
            log.exception("a request for a profile failed")
        finally:
            self._drop(connection)

    def _drop(self, connection: socket) -> None:
        self._connections.discard(connection)
        connection.close()
        self._thread_ends()

    def _answer(self, connection: socket) -> None:
        read = self._read(connection)
        if read is None:
            self._left += 1
            return
        head, body = read
        if isinstance(head, Answer):
            self._send(connection, head, without_body=False)
            return
        found: Answer | Collection = self._guard.refusal(head.headers) or self._pages.ask(
            Request(head.method, head.path, head.query, body, self._base(head))
        )
        answer = self._collect(connection, found) if isinstance(found, Collection) else found
        if answer is None:
            self._left += 1
        else:
            self._send(connection, answer, without_body=head.method == "HEAD")

    def _base(self, head: Head) -> str:
        if self._bound.path:
            return self.address
        return base_at(head.headers.get("host", ""), self.address)

    def _read(self, connection: socket) -> tuple[Head | Answer, bytes] | None:
        """Return a request's head, or what is answered instead, with its body; None if none came."""
        deadline = self._clock() + HEAD_S
        data, end = b"", -1
        while end < 0:
            if not (piece := self._receive(connection, deadline)):
                return None
            data += piece
            end = data.find(b"\r\n\r\n")
            if (len(data) if end < 0 else end) > HEAD_BYTES:
                return refusal(431, f"a request's head has at most {HEAD_BYTES} bytes"), b""
        head, body = read_head(data[:end]), data[end + 4 :]
        if isinstance(head, Head):
            if head.length > len(body) and head.headers.get("expect", "").lower() == "100-continue":
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            while len(body) < head.length:
                if not (piece := self._receive(connection, deadline)):
                    return None
                body += piece
        return head, body

    def _receive(self, connection: socket, deadline: float) -> bytes:
        connection.settimeout(max(deadline - self._clock(), 0.001))
        return connection.recv(HEAD_BYTES)

    def _collect(self, connection: socket, collection: Collection) -> Answer | None:
        """Return the answer once the profile is recorded, or None if the client left before."""
        refused = collection.begin()
        if refused is not None:
            return refused
        try:
            if collection.seconds and self._wait(connection, collection.seconds):
                collection.cancel()
                return refusal(503, "the server is stopping") if self.is_stopped else None
            return collection.finish()
        finally:
            collection.cancel()

    def _wait(self, connection: socket | None, seconds: float) -> bool:
        """Wait, and return early and True once the client hangs up or the server stops."""
        waiting = poll()
        waiting.register(self._ending, POLLIN)
        if connection is not None:
            waiting.register(connection, GONE)
        return bool(waiting.poll(seconds * 1000))

    def _send(self, connection: socket, answer: Answer, *, without_body: bool) -> None:
        connection.settimeout(SEND_S)
        connection.sendall(response(answer, without_body=without_body))
        self._answered += 1
        # Closing at once would reset the connection, and with it an answer that is still on its way, if
        # anything came that we did not read.
        connection.shutdown(SHUT_WR)
        deadline = self._clock() + LINGER_S
        with suppress(OSError):
            while self._receive(connection, deadline):
                pass

    # Its owner

    def stop(self) -> None:
        """Stop listening, and end what is being recorded; harmless when it has stopped."""
        if self.is_stopped or os.getpid() != self._pid:
            return
        self.is_stopped = True
        if self._bound.path:
            with suppress(OSError):
                os.unlink(self._bound.path)
        self._bound.listener.close()
        os.close(self._end)

    def forget(self) -> None:
        """Close what a child inherited by a fork; the parent goes on serving."""
        self.is_stopped = True
        for inherited in (self._bound.listener, *self._connections):
            inherited.close()
        self._connections.clear()
        for fd in (self._ending, self._end):
            with suppress(OSError):
                os.close(fd)

    def statistics(self) -> PprofStatistics:
        """Return what it has done."""
        slots = self._pages.slots
        return PprofStatistics(
            len(self._connections), slots.taken, self._answered, self._left, self._refused + slots.refused
        )

    def __enter__(self) -> PprofServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = "stopped" if self.is_stopped else f"{len(self._connections)} open"
        return f"<PprofServer {self.address}: {state}, {self._answered} answered>"
