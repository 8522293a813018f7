# Bodies that arrive over time.
#
# Rule 1: a stream has one producer and one consumer, in one thread.
# Rule 2: nothing is gathered. What no consumer has taken is bounded by `high_water`, and the producer is told
#         to pause before that bound is far exceeded.
#
# Theory of operation
# -------------------
# A body on the wire is pushed: the socket has data, the parser calls back. The proxy passes each piece on in
# that same callback, so it attaches a Sink and is called with it. Code written with `async for` pulls: the
# stream keeps what arrives until it asks. Both drive the same three words back to the producer: pause,
# resume, cancel.
"""Bodies that arrive over time, pushed with backpressure or pulled with `async for`."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from clearway.plug.errors import PlugContractError, RequestError
from clearway.plug.headers import RawHeaders

if TYPE_CHECKING:
    import asyncio

__all__ = ["EMPTY", "Sink", "Source", "Stream"]

HIGH_WATER = 64 * 1024  # one uvloop read is at most 256 KiB, so an unread stream holds at most 320 KiB


class Sink(Protocol):
    """What consumes a stream by push. Exactly one of `finish` and `fail` ends it."""

    def write(self, data: bytes) -> None:
        """Take the next piece of the body."""

    def finish(self, trailers: RawHeaders) -> None:
        """Learn that the body is complete."""

    def fail(self, error: Exception) -> None:
        """Learn that the body breaks off here."""


class Source(Protocol):
    """What produces a stream; told how the consumer fares."""

    def pause(self) -> None:
        """Stop producing for now."""

    def resume(self) -> None:
        """Go on producing."""

    def cancel(self) -> None:
        """Stop for good: nobody wants the rest."""


class Stream:
    """A body that arrives over time.

        async for piece in conn.body: ...
        body = await conn.body.read(limit=1 << 20)
        conn.body.attach(sink)                       # push, without a task

    Options:
        source: Told to pause, resume and cancel; None for a stream that needs no such word.
        length: The length in bytes if it is known before the end.
        high_water: Bytes kept for a slow consumer before the source is paused.

    A stream is read once, by one consumer.
    """

    __slots__ = ("_buffer", "_buffered", "_ended", "_error", "_paused", "_sink", "_source", "_waiter",
                 "high_water", "length", "trailers")  # fmt: skip

    def __init__(
        self, source: Source | None = None, *, length: int | None = None, high_water: int = HIGH_WATER
    ) -> None:
        self.length = length
        self.high_water = high_water
        self.trailers: RawHeaders = ()
        self._source = source
        self._sink: Sink | None = None
        self._buffer: deque[bytes] = deque()
        self._buffered = 0
        self._ended = False
        self._paused = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    def of(cls, *pieces: bytes) -> Stream:
        """Return a stream of a body that is here already, for instance to put a fetched one back."""
        size = sum(map(len, pieces))
        stream = cls(length=size, high_water=size)
        for piece in pieces:
            stream.feed(piece)
        stream.end()
        return stream

    # The producer's side

    def feed(self, data: bytes) -> None:
        """Add a piece of the body; dropped once the stream has ended or was cancelled."""
        if self._sink is not None and not self._buffer:
            self._sink.write(data)
        elif self._error is None and not self._ended:
            self._buffer.append(data)
            self._buffered += len(data)
            if self._buffered > self.high_water and self._sink is None:
                self.pause()
            self._wake()

    def end(self, trailers: RawHeaders = ()) -> None:
        """Say that the body is complete."""
        if not self._ended:
            self.trailers = trailers
            self._end()

    def fail(self, error: Exception) -> None:
        """Say that the body breaks off here."""
        if not self._ended:
            self._error = self._error or error
            self._end()

    def _end(self) -> None:
        self._ended = True
        self.resume()  # what the source does next is not ours, so it must not stay paused
        self._source = None
        if self._sink is not None and not self._buffer:
            self._tell_end(self._sink)
        self._wake()

    def is_ended(self) -> bool:
        """Tell whether the producer has said its last word; a cancelled body may still be on its way."""
        return self._ended

    # The consumer's side

    def attach(self, sink: Sink) -> None:
        """Push everything that arrived, and all that will, into `sink`."""
        self._refuse_second_consumer()
        self._sink = sink  # in place before a source that feeds at once is resumed
        self.resume()  # before the sink is called, which may pause again
        while self._buffer:  # what is fed meanwhile goes behind it; a sink that cancels empties it
            data = self._buffer.popleft()
            self._buffered -= len(data)
            sink.write(data)
        if self._sink is sink and (self._ended or self._error is not None):
            self._tell_end(sink)

    def _tell_end(self, sink: Sink) -> None:
        self._sink = None
        if self._error is not None:
            sink.fail(self._error)
        else:
            sink.finish(self.trailers)

    def pause(self) -> None:
        """Ask the source to stop for now."""
        if self._source is not None and not self._paused:
            self._paused = True
            self._source.pause()

    def resume(self) -> None:
        """Ask the source to go on."""
        if self._source is not None and self._paused:
            self._paused = False
            self._source.resume()

    def cancel(self) -> None:
        """Say that nobody wants the rest: what waits is dropped, and reading on is a `PlugContractError`."""
        if self._ended and not self._buffer:
            return  # it was read to its end: there is no rest
        source, self._source, self._sink = self._source, None, None
        self._buffer.clear()
        self._buffered = 0
        self._error = self._error or PlugContractError("the body was cancelled: nobody may read on")
        if source is not None:
            source.cancel()
        self._wake()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._buffer:
            if self._error is not None:
                raise self._error
            if self._ended:
                raise StopAsyncIteration
            await self._wait()
        data = self._buffer.popleft()
        self._buffered -= len(data)
        if self._buffered <= self.high_water // 2:
            self.resume()
        return data

    async def take(self) -> tuple[bytes, bool]:
        """Return all that arrived, a piece at least unless the body is over, and whether more may come."""
        while not self._buffer:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b"", False
            await self._wait()
        data = self._buffer.popleft()
        if self._buffer:
            data = b"".join((data, *self._buffer))
            self._buffer.clear()
        self._buffered = 0
        more = not self._ended or self._error is not None  # asked before a source that feeds at once goes on
        self.resume()
        return data, more

    async def read(self, limit: int) -> bytes:
        """Return the whole body; raise `RequestError` 413 once it is longer than `limit` bytes."""
        self._hold_limit(self.length or 0, limit)  # a body that says its length is refused unread
        pieces, size = [], 0
        async for piece in self:
            size += len(piece)
            self._hold_limit(size, limit)
            pieces.append(piece)
        return b"".join(pieces)

    def _hold_limit(self, size: int, limit: int) -> None:
        if size > limit:
            self.cancel()
            raise RequestError(413, f"the body is larger than {limit} bytes")

    async def _wait(self) -> None:
        import asyncio  # here, so that `import clearway.plug` does not load the event loop

        self._refuse_second_consumer()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            self.resume()  # after the waiter is there, because a source may feed at once
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _refuse_second_consumer(self) -> None:
        if self._sink is not None or self._waiter is not None:
            raise PlugContractError("somebody reads this body already: a stream has one consumer")

    def __repr__(self) -> str:
        if self._error is not None:
            state = "failed" if self._ended else "cancelled"
        else:
            state = "ended" if self._ended else "open"
        return f"<Stream {state}: {self._buffered} bytes waiting>"


EMPTY = Stream.of()
"""The body of a message that has none; shared, because an ended and empty stream has no state to share."""
