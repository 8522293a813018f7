"""Upstreams played by a test: one that reads strictly, and ones that follow a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from tests.wire.memory import FarEnd

__all__ = ["Asked", "ScriptedOrigin", "StrictOrigin"]


@dataclass
class Asked:
    """A request as an upstream reads it."""

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    complete: bool = False
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """Return the field's value, lines joined, or None."""
        found = [value.decode("latin-1") for key, value in self.headers if key == name.encode()]
        return ", ".join(found) if found else None


class StrictOrigin:
    """Read requests with h11, keep them in `asked`, and answer each with 200 and a short body.

    A request that h11 refuses raises in the callback, which fails the test.
    """

    ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.refused: list[Exception] = []
        self.connections: list[FarEnd] = []

    def __call__(self, far_end: FarEnd) -> None:
        self.connections.append(far_end)
        self._begin(far_end, 0)

    def _begin(self, far_end: FarEnd, at: int) -> None:
        """Read one request, which begins at the byte `at` of what was received."""
        reader = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        asked: list[Asked] = []

        def read(end: FarEnd) -> None:
            nonlocal at
            fresh, at = bytes(end.received[at:]), len(end.received)
            if not fresh:
                return  # h11 takes no bytes for the end of the connection
            try:
                reader.receive_data(fresh)
                self._read(reader, asked)
            except h11.RemoteProtocolError as error:
                self.refused.append(error)
                end.vanish()
                return
            if asked and asked[0].complete:
                self._begin(end, at - len(reader.trailing_data[0]))  # before the answer brings the next
                end.send(self.ANSWER[:-2] if asked[0].method == "HEAD" else self.ANSWER)

        far_end.on_data = read
        read(far_end)

    def _read(self, reader: h11.Connection, asked: list[Asked]) -> None:
        while not (asked and asked[0].complete):
            event = reader.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                return
            match event:
                case h11.Request(method=method, target=target, headers=headers):
                    asked.append(Asked(method.decode(), target.decode("latin-1"), list(headers)))
                    self.asked.append(asked[0])
                case h11.Data(data=data):
                    asked[0].body += bytes(data)
                case h11.EndOfMessage(headers=trailers):
                    asked[0].complete, asked[0].trailers = True, list(trailers)


class ScriptedOrigin:
    """Answer the n-th request with the n-th script; a request ends with an empty line.

    A script is bytes to send, or a function that is called with the far end.
    """

    def __init__(self, *scripts: bytes | Callable[[FarEnd], None], piece: int = 0) -> None:
        self.scripts = list(scripts)
        self.piece = piece
        self.connections: list[FarEnd] = []
        self.requests = 0

    def __call__(self, far_end: FarEnd) -> None:
        self.connections.append(far_end)
        far_end.on_data = self._play

    def _play(self, end: FarEnd) -> None:
        if b"\r\n\r\n" not in end.received or self.requests >= len(self.scripts):
            return
        script = self.scripts[self.requests]
        self.requests += 1
        end.received.clear()  # before the answer brings the next
        if isinstance(script, bytes):
            end.send(script, self.piece)
        else:
            script(end)

    @property
    def last(self) -> FarEnd:
        """The newest connection."""
        return self.connections[-1]


def then_eof(data: bytes) -> Callable[[FarEnd], None]:
    """Send `data` and close."""

    def play(end: FarEnd) -> None:
        end.send(data)
        end.send_eof()

    return play


def then_reset(data: bytes) -> Callable[[FarEnd], None]:
    """Send `data`, and a turn later break the connection off."""

    def play(end: FarEnd) -> None:
        if data:
            end.send(data)
        asyncio.get_running_loop().call_soon(end.vanish)

    return play
