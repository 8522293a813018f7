"""A body that is too large is refused unread if it says so, and while it streams if it does not."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Conn, PlugOptionError, RequestError, Stream
from clearway.plug.headers import RawHeaders
from clearway.plug.plugs import BodyLimit
from clearway.testing import conn


class Socket:
    """A source that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pause(self) -> None:
        self.told.append("pause")

    def resume(self) -> None:
        self.told.append("resume")

    def cancel(self) -> None:
        self.told.append("cancel")


class Upstream:
    """A sink that writes down what it is given."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.trailers: RawHeaders | None = None
        self.error: Exception | None = None

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def finish(self, trailers: RawHeaders) -> None:
        self.trailers = trailers

    def fail(self, error: Exception) -> None:
        self.error = error


def chunked(socket: Socket | None = None, high_water: int = 100) -> tuple[Stream, Conn]:
    body = Stream(socket, high_water=high_water)
    return body, conn("POST", "/").put_body(body)


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    socket = Socket()
    body = Stream(socket, length=11)
    done = BodyLimit(10)(conn("POST", "/").put_body(body))

    assert done.status == 413
    assert done.halted
    assert socket.told == []


@pytest.mark.parametrize("size", [0, 9, 10])
def test_a_body_that_fits_passes_untouched(size: int) -> None:
    request = conn("POST", "/", body=b"x" * size)

    assert BodyLimit(10)(request) is request


def test_a_limit_of_zero_takes_no_body_at_all() -> None:
    assert not BodyLimit(0)(conn("GET", "/")).halted
    assert BodyLimit(0)(conn("POST", "/", body=b"x")).halted


def test_a_streamed_body_that_fits_comes_out_whole() -> None:
    body, request = chunked()
    upstream = Upstream()
    body.feed(b"12345")
    BodyLimit(10)(request).body.attach(upstream)

    body.feed(b"67890")
    body.end(((b"x-sum", b"1"),))

    assert upstream.pieces == [b"12345", b"67890"]
    assert upstream.trailers == ((b"x-sum", b"1"),)


@pytest.mark.parametrize("fed_before", [True, False])
def test_a_streamed_body_fails_once_it_is_too_long(fed_before: bool) -> None:
    socket = Socket()
    body, request = chunked(socket)
    upstream = Upstream()
    counted = BodyLimit(10)(request).body
    if fed_before:
        body.feed(b"12345")
        body.feed(b"678901")
    counted.attach(upstream)
    if not fed_before:
        body.feed(b"12345")
        body.feed(b"678901")
    body.feed(b"more")

    assert upstream.pieces == [b"12345"]
    assert isinstance(upstream.error, RequestError)
    assert upstream.error.status == 413
    assert socket.told == ["cancel"]


def test_nothing_is_asked_of_the_client_before_somebody_reads() -> None:
    socket = Socket()
    _, request = chunked(socket)
    BodyLimit(10)(request)

    assert socket.told == []


def test_a_slow_upstream_pauses_the_client() -> None:
    socket = Socket()
    body, request = chunked(socket)
    counted = BodyLimit(10)(request).body
    counted.attach(Upstream())

    counted.pause()
    counted.resume()

    assert socket.told == ["pause", "resume"]
    body.end()


def test_a_body_that_waits_is_delivered_and_flows_on() -> None:
    socket = Socket()
    body, request = chunked(socket, high_water=4)
    body.feed(b"12345")
    upstream = Upstream()
    BodyLimit(10)(request).body.attach(upstream)
    body.feed(b"6")

    assert socket.told == ["pause", "resume"]
    assert upstream.pieces == [b"12345", b"6"]


def test_a_pulling_reader_gets_all_and_keeps_the_client_in_check() -> None:
    socket = Socket()
    body, request = chunked(socket, high_water=4)
    body.feed(b"12345")
    body.feed(b"67890")
    body.end()

    assert asyncio.run(BodyLimit(10)(request).fetch_body()) == b"1234567890"
    assert socket.told[0] == "pause"


def test_a_pulling_reader_learns_that_it_is_too_long() -> None:
    body, request = chunked()
    body.feed(b"x" * 11)

    with pytest.raises(RequestError, match="larger than 10 bytes"):
        asyncio.run(BodyLimit(10)(request).fetch_body())


def test_a_body_that_breaks_off_is_told_so() -> None:
    body, request = chunked()
    upstream = Upstream()
    BodyLimit(10)(request).body.attach(upstream)
    gone = ConnectionError("gone")
    body.fail(gone)

    assert upstream.error is gone


def test_a_reader_that_gives_up_cancels_the_body() -> None:
    socket = Socket()
    _, request = chunked(socket)
    counted = BodyLimit(10)(request).body
    counted.attach(Upstream())
    counted.cancel()

    assert socket.told == ["cancel"]


@pytest.mark.parametrize("size", [-1, 1.5, "10", None, True])
def test_wrong_options_are_refused(size: int) -> None:
    with pytest.raises(PlugOptionError):
        BodyLimit(size)
