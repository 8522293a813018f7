"""The body of a request on its way to an upstream."""

from __future__ import annotations

import asyncio
from typing import Protocol

from clearway.http.encode import LAST_CHUNK, chunk, last_chunk
from clearway.plug import PlugContractError, Stream
from clearway.plug.headers import RawHeaders

__all__ = ["BodyReceiver", "RequestBody"]


class BodyReceiver(Protocol):
    """What a body is sent for. Exactly one of the two is called, unless the body is cancelled."""

    def body_sent(self) -> None:
        """The body is complete."""

    def body_failed(self, error: Exception) -> None:
        """The body breaks off here: the upstream must not take it for complete."""


class RequestBody:
    """Send a stream as the body of a request (a `Sink`), framed as its head says.

    A plug may have replaced the client's body by a stream of its own, so the length is held here: what is
    too long would be read as the next request.

    Options:
        stream: The body; its length is in the request's head, or it is chunked.
        transport: The upstream's.
        receiver: Told how it ends.
    """

    __slots__ = ("_owed", "_receiver", "_transport", "stream")

    def __init__(self, stream: Stream, transport: asyncio.WriteTransport, receiver: BodyReceiver) -> None:
        self.stream = stream
        self._transport = transport
        self._receiver: BodyReceiver | None = receiver
        self._owed = stream.length or 0  # bytes that the length promises and that did not come yet

    def write(self, data: bytes) -> None:
        """Send a piece."""
        if self._receiver is None or not data:  # an empty chunk would be the last
            return
        if self.stream.length is None:
            self._transport.write(chunk(data))
            return
        self._owed -= len(data)
        if self._owed < 0:
            self.stream.cancel()
            self.fail(PlugContractError(f"a body is longer than its length, {self.stream.length} bytes"))
        else:
            self._transport.write(data)

    def finish(self, trailers: RawHeaders) -> None:
        """End the body."""
        if self._owed:
            self.fail(PlugContractError(f"a body is shorter than its length, {self.stream.length} bytes"))
            return
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            if self.stream.length is None:
                self._transport.write(last_chunk(trailers) if trailers else LAST_CHUNK)
            receiver.body_sent()

    def fail(self, error: Exception) -> None:
        """Break the body off."""
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.body_failed(error)

    def cancel(self) -> None:
        """Send no more: nobody wants the rest."""
        if self._receiver is not None:
            self._receiver = None
            self.stream.cancel()
