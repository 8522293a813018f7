"""What messages mean, read by h11, which shares no code with us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import h11

__all__ = ["Reading", "read_requests", "read_responses"]

# No input is longer, so h11 never refuses one for its size.
_LIMIT = 1 << 22
_NOT_CHUNKED = ("Only Transfer-Encoding: chunked is supported", "multiple Transfer-Encoding headers")
_LENIENT = re.compile(rb"\A([A-Z-]+) +([!-~]+) +(?:HTTP|RTSP|ICE)/")


@dataclass
class Reading:
    """A message as h11 reads it; `start` is a request's method and target, or a response's status.

    `trailers` is None where h11 read none to their end.
    """

    start: tuple[str, ...] = ()
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    trailers: list[tuple[bytes, bytes]] | None = None


def read_requests(data: bytes) -> tuple[list[Reading], str]:
    """Return the requests in `data`, and what is wrong behind them: nothing if it is empty.

    Three things that llhttp lets pass are read as it reads them; none of them is ever forwarded: empty lines
    before a request that end with a bare LF, more than one space between the parts of a request line (both
    allowed by RFC 9112, sections 2.2 and 3), and RTSP or ICE for the protocol's name.
    """
    found: list[Reading] = []
    while data := _LENIENT.sub(rb"\1 \2 HTTP/", data.lstrip(b"\r\n"), count=1):
        reader = h11.Connection(h11.SERVER, max_incomplete_event_size=_LIMIT)
        reading, error = _read(reader, data, closed=False)
        if reading.start:
            found.append(reading)
        if not reading.complete:
            return found, error
        data = reader.trailing_data[0]
    return found, ""


def read_responses(
    data: bytes, methods: Sequence[str], *, closed: bool, drop_codings: bool = False
) -> tuple[list[Reading], str]:
    """Return the responses in `data` to requests of `methods`, and what is wrong behind them.

    h11 takes trailers for fields of a head, and refuses a Transfer-Encoding among them that it does not know.
    With `drop_codings` it is dropped: it never frames the body, and RFC 9112 section 7.1.2 lets a recipient
    drop any trailer.
    """
    found: list[Reading] = []
    for method in methods:
        if not data:
            return found, ""
        reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LIMIT)
        reader.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
        reader.send(h11.EndOfMessage())
        reading, error = _read(reader, data, closed)
        if reading.start:
            found.append(reading)
            # The head was taken, so these were trailers; h11 has read all of them when it complains.
            reading.complete |= drop_codings and error in _NOT_CHUNKED
        if not reading.complete:
            return found, error
        data = reader.trailing_data[0]
    return found, f"more than was asked for: {data[:60]!r}" if data else ""


def _read(reader: h11.Connection, data: bytes, closed: bool) -> tuple[Reading, str]:
    reading = Reading()
    try:
        reader.receive_data(data)
        if closed:
            reader.receive_data(b"")
        while not reading.complete:
            event = reader.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                break
            _note(event, reading)
    except h11.RemoteProtocolError as error:
        return reading, str(error)
    return reading, ""


def _note(event: object, reading: Reading) -> None:
    match event:
        case h11.Request(method=method, target=target, headers=headers):
            reading.start, reading.headers = (method.decode(), target.decode("latin-1")), list(headers)
        case h11.Response(status_code=status, headers=headers):
            reading.start, reading.headers = (str(status),), list(headers)
        case h11.Data(data=data):
            reading.body += bytes(data)
        case h11.EndOfMessage(headers=trailers):
            reading.complete, reading.trailers = True, list(trailers)
