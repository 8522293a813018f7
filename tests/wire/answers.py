"""What a client reads off the wire, by h11, which shares no code with us."""

from __future__ import annotations

from dataclasses import dataclass, field

import h11

__all__ = ["Answer", "read_answers"]


@dataclass
class Answer:
    """A response as a client reads it; `complete` is False where it breaks off."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    complete: bool = False
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    informed: list[tuple[int, list[tuple[bytes, bytes]]]] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """Return the field's value, lines joined, or None."""
        found = [value.decode("latin-1") for key, value in self.headers if key == name.encode()]
        return ", ".join(found) if found else None


def read_answers(received: bytes, *methods: str, closed: bool = True) -> list[Answer]:
    """Return the responses in `received`, to requests of `methods` (then GET); raise if it is not HTTP.

    Bytes after the last response that its connection allows are an error too.
    """
    answers: list[Answer] = []
    rest = bytes(received)
    asked = iter(methods)
    while rest:
        answer, rest = _read_one(rest, next(asked, "GET"), closed)
        answers.append(answer)
        if not answer.complete:
            assert not rest, f"bytes behind a response that is not complete: {rest[:80]!r}"
    return answers


def _read_one(data: bytes, method: str, closed: bool) -> tuple[Answer, bytes]:
    reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    reader.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(data)
    if closed:
        reader.receive_data(b"")
    answer = Answer(0, [])
    while True:
        try:
            event = reader.next_event()
        except h11.RemoteProtocolError:
            if answer.status and closed:  # it broke off
                return answer, b""
            raise
        if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
            return answer, b""
        if _take(event, answer):
            return answer, reader.trailing_data[0]


def _take(event: object, answer: Answer) -> bool:
    """Add what an event says to `answer`; True if it was the last one."""
    match event:
        case h11.InformationalResponse(status_code=status, headers=headers):
            answer.informed.append((status, list(headers)))
        case h11.Response(status_code=status, headers=headers):
            answer.status, answer.headers = status, list(headers)
        case h11.Data(data=data):
            answer.body += bytes(data)
        case h11.EndOfMessage(headers=trailers):
            answer.complete, answer.trailers = True, list(trailers)
            return True
    return False
