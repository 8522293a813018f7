# The client of one request, as ASGI lets us see it.
#
# Theory of operation
# -------------------
# ASGI tells of the body and of the client's leaving through one door: `receive`. A task calls it, but only
# once somebody reads the body, or waits for something and wants to know whether the client has left. Most
# requests do neither, and pay for no task. While a reader holds the body back, nothing is received; so a
# client that leaves then is noticed when the reader goes on.
"""The client of one request: its body as a stream, and whether it is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from clearway.plug.asgi.protocol import Event, Receive
from clearway.plug.errors import ClientClosedError
from clearway.plug.stream import EMPTY, Stream

__all__ = ["Client"]

T = TypeVar("T")


class Client:
    """Who sent a request (part of `Source`).

    Attributes:
        body: The request's body.
        has_left: Whether the server said that the client is gone.
    """

    __slots__ = ("_left", "_paused", "_reader", "_receive", "_resumed", "_worker", "body", "has_left")

    def __init__(self, receive: Receive, length: int | None) -> None:
        self.has_left = False
        self._receive = receive
        self._reader: asyncio.Task[None] | None = None  # calls `receive`
        self._worker: asyncio.Task[Any] | None = None  # is cancelled when the client leaves
        self._resumed: asyncio.Future[None] | None = None
        self._left: asyncio.Future[None] | None = None
        self._paused = False
        self.body = EMPTY
        if length != 0:
            self.body = Stream(self, length=length)
            self.body.pause()  # the first reader resumes; until then a server says no 100 Continue

    async def unless_gone(self, work: Awaitable[T]) -> T:
        """Wait for `work`; if the client leaves first, cancel it and raise `ClientClosedError`."""
        worker = self._worker = asyncio.current_task()
        assert worker is not None  # a coroutine of ASGI runs in a task
        others = worker.cancelling()
        self._start()
        if self.has_left:
            worker.cancel()
        try:
            return await work
        except asyncio.CancelledError as error:
            if not self.has_left or worker.uncancel() > others:
                raise  # it was somebody else, too: the server is stopping
            gone = ClientClosedError("the client closed the connection")
            gone.__dict__.update(error.__dict__)  # the newest conn came along
            raise gone from error
        finally:
            self._worker = None

    async def wait_left(self) -> None:
        """Wait until the client is gone, or the server says so because the response is complete."""
        self._start()
        if not self.has_left:
            self._left = asyncio.get_running_loop().create_future()
            await self._left

    async def receive(self) -> Event:
        """Receive for an app behind us, which reads the body itself."""
        event = await self._receive()
        if event["type"] == "http.disconnect":
            self.has_left = True
        return event

    def is_untouched(self) -> bool:
        """Tell whether nobody has received anything yet."""
        return self._reader is None

    def close(self) -> None:
        """Stop receiving; who still holds the body cannot read on."""
        self.body.cancel()  # which also forgets us: an unread body would be a cycle for the collector
        if self._reader is not None:
            self._reader.cancel()

    # The task that receives

    def _start(self) -> None:
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        while not self.has_left:
            if self._paused:
                self._resumed = asyncio.get_running_loop().create_future()
                await self._resumed
                continue
            event = await self._receive()
            if event["type"] == "http.disconnect":
                self._leave()
            else:
                self._take(event)

    def _take(self, event: Event) -> None:
        if piece := event.get("body", b""):
            self.body.feed(piece)
        if not event.get("more_body", False):
            self.body.end()

    def _leave(self) -> None:
        self.has_left = True
        self.body.fail(ClientClosedError("the client closed the connection before its request was complete"))
        if self._worker is not None:
            self._worker.cancel()
        if self._left is not None and not self._left.done():
            self._left.set_result(None)

    # The body's Source

    def pause(self) -> None:
        """Receive nothing for now (part of `Source`)."""
        self._paused = True

    def resume(self) -> None:
        """Go on receiving (part of `Source`)."""
        self._wake()
        self._start()

    def cancel(self) -> None:
        """Drop what is still received (part of `Source`)."""
        self._wake()

    def _wake(self) -> None:
        self._paused = False
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
