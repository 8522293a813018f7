"""A body over time: what is fed comes out whole, and the source hears how the consumer fares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from clearway.plug import PlugContractError, RequestError, Stream
from clearway.plug.headers import RawHeaders
from clearway.plug.stream import EMPTY


class Tap:
    """A source that writes down what it is told, and feeds its pieces while it is not paused."""

    def __init__(self, *pieces: bytes) -> None:
        self.heard: list[str] = []
        self.pieces = list(pieces)
        self.stream = Stream(self, high_water=4)

    def pause(self) -> None:
        self.heard.append("pause")

    def resume(self) -> None:
        self.heard.append("resume")
        while self.pieces:
            self.stream.feed(self.pieces.pop(0))

    def cancel(self) -> None:
        self.heard.append("cancel")


class Basin:
    """A sink that keeps what it is given."""

    def __init__(self, when_written: Callable[[], None] = lambda: None) -> None:
        self.pieces: list[bytes] = []
        self.trailers: RawHeaders | None = None
        self.error: Exception | None = None
        self.when_written = when_written

    def write(self, data: bytes) -> None:
        self.pieces.append(data)
        self.when_written()

    def finish(self, trailers: RawHeaders) -> None:
        assert self.trailers is self.error is None
        self.trailers = trailers

    def fail(self, error: Exception) -> None:
        assert self.trailers is self.error is None
        self.error = error


def begun(*pieces: bytes) -> Stream:
    stream = Stream()
    for piece in pieces:
        stream.feed(piece)
    return stream


async def pieces_of(stream: Stream) -> list[bytes]:
    return [piece async for piece in stream]


def test_a_body_that_is_here_already_knows_its_length() -> None:
    body = Stream.of(b"ab", b"c")

    assert body.length == 3
    assert asyncio.run(body.read(3)) == b"abc"


# Pulled


def test_iterating_gives_the_pieces_in_order() -> None:
    assert asyncio.run(pieces_of(Stream.of(b"a", b"b", b"c"))) == [b"a", b"b", b"c"]


def test_a_reader_waits_for_what_is_not_there_yet() -> None:
    async def scene() -> list[bytes]:
        stream = Stream()
        reader = asyncio.create_task(pieces_of(stream))
        for piece in (b"a", b"b"):
            await asyncio.sleep(0)
            stream.feed(piece)
        stream.end()
        return await reader

    assert asyncio.run(scene()) == [b"a", b"b"]


def test_a_failed_body_gives_what_arrived_and_then_raises() -> None:
    stream = begun(b"a")
    stream.fail(RequestError(400, "cut off"))

    async def scene() -> None:
        assert await anext(stream) == b"a"
        with pytest.raises(RequestError, match="cut off"):
            await anext(stream)

    asyncio.run(scene())


def test_a_failure_wakes_a_waiting_reader() -> None:
    async def scene() -> None:
        stream = Stream()
        reader = asyncio.create_task(stream.read(10))
        await asyncio.sleep(0)
        stream.fail(RequestError(400, "cut off"))
        await reader

    with pytest.raises(RequestError, match="cut off"):
        asyncio.run(scene())


def test_a_source_that_feeds_inside_resume_does_not_leave_the_reader_waiting() -> None:
    tap = Tap(b"ab")
    tap.stream.pause()

    async def first_piece() -> bytes:
        return await anext(tap.stream)

    assert asyncio.run(first_piece()) == b"ab"


def test_a_second_reader_is_refused_and_the_first_goes_on() -> None:
    async def scene() -> bytes:
        stream = Stream()
        first = asyncio.create_task(stream.read(10))
        await asyncio.sleep(0)
        with pytest.raises(PlugContractError, match="one consumer"):
            await stream.read(10)
        with pytest.raises(PlugContractError, match="one consumer"):
            stream.attach(Basin())
        stream.feed(b"a")
        stream.end()
        return await first

    assert asyncio.run(scene()) == b"a"


# Pushed


def test_a_sink_gets_what_waited_and_what_comes_then_the_trailers() -> None:
    stream, basin = begun(b"a"), Basin()

    stream.attach(basin)
    stream.feed(b"b")
    stream.end(((b"x-sum", b"1"),))

    assert basin.pieces == [b"a", b"b"]
    assert basin.trailers == ((b"x-sum", b"1"),)


@pytest.mark.parametrize("attach_first", [True, False])
def test_a_sink_learns_that_the_body_breaks_off(attach_first: bool) -> None:
    stream, basin, error = begun(b"a"), Basin(), RequestError(400, "cut off")

    steps = [lambda: stream.attach(basin), lambda: stream.fail(error)]
    for step in steps if attach_first else reversed(steps):
        step()

    assert basin.pieces == [b"a"]
    assert basin.error is error


def test_what_a_source_feeds_while_a_sink_is_attached_keeps_its_place() -> None:
    tap, basin = Tap(b"c", b"d"), Basin()
    tap.stream.feed(b"abab")
    tap.stream.feed(b"b")  # over the high water: the source is paused, and feeds again in attach

    tap.stream.attach(basin)

    assert basin.pieces == [b"abab", b"b", b"c", b"d"]
    assert tap.heard == ["pause", "resume"]


def test_a_source_that_ends_while_a_sink_is_attached_ends_it_after_the_last_piece() -> None:
    stream = begun(b"a", b"b")
    basin = Basin(when_written=stream.end)

    stream.attach(basin)

    assert basin.pieces == [b"a", b"b"]
    assert basin.trailers == ()


def test_a_sink_that_cancels_in_its_first_piece_hears_nothing_more() -> None:
    stream = begun(b"a", b"b")
    basin = Basin(when_written=stream.cancel)

    stream.attach(basin)
    stream.feed(b"c")
    stream.end()

    assert basin.pieces == [b"a"]
    assert basin.trailers is basin.error is None


def test_a_sink_that_pauses_stays_in_charge_of_resuming() -> None:
    tap = Tap()
    basin = Basin(when_written=tap.stream.pause)
    tap.stream.feed(b"a")

    tap.stream.attach(basin)
    tap.stream.feed(b"far more than the high water")
    tap.stream.resume()

    assert tap.heard == ["pause", "resume"]


# Backpressure


def test_the_source_is_paused_above_the_high_water_and_resumed_when_half_is_read() -> None:
    tap = Tap()
    for piece in (b"ab", b"cd", b"e"):
        tap.stream.feed(piece)
    assert tap.heard == ["pause"]

    async def read_two() -> None:
        await anext(tap.stream)
        assert tap.heard == ["pause"]
        await anext(tap.stream)

    asyncio.run(read_two())

    assert tap.heard == ["pause", "resume"]


# Cancelled


def test_cancelling_tells_the_source_once_and_drops_what_waited() -> None:
    tap = Tap()
    tap.stream.feed(b"abc")

    tap.stream.cancel()
    tap.stream.cancel()
    tap.stream.feed(b"d")

    assert tap.heard == ["cancel"]
    assert repr(tap.stream) == "<Stream cancelled: 0 bytes waiting>"


def test_reading_a_cancelled_body_is_an_error_and_not_an_empty_body() -> None:
    stream = begun(b"abc")
    stream.cancel()

    with pytest.raises(PlugContractError, match="cancelled"):
        asyncio.run(stream.read(10))


def test_a_cancelled_body_ends_only_when_its_producer_says_so() -> None:
    stream = begun(b"abc")

    stream.cancel()
    assert not stream.is_ended()
    stream.end()

    assert stream.is_ended()


def test_attaching_to_a_cancelled_body_fails_the_sink() -> None:
    stream, basin = Stream(), Basin()
    stream.cancel()

    stream.attach(basin)

    assert isinstance(basin.error, PlugContractError)


def test_cancelling_the_shared_empty_body_leaves_it_readable() -> None:
    EMPTY.cancel()

    assert asyncio.run(EMPTY.read(0)) == b""


# Read whole


def test_reading_joins_the_pieces() -> None:
    assert asyncio.run(Stream.of(b"ab", b"cd").read(4)) == b"abcd"


def test_reading_past_the_limit_is_413_and_cancels_the_source() -> None:
    tap = Tap()
    tap.stream.feed(b"abc")

    with pytest.raises(RequestError) as raised:
        asyncio.run(tap.stream.read(2))
    assert raised.value.status == 413
    assert tap.heard == ["cancel"]


def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    tap = Tap()
    tap.stream.length = 3

    with pytest.raises(RequestError) as raised:
        asyncio.run(tap.stream.read(2))
    assert raised.value.status == 413
    assert tap.heard == ["cancel"]


def test_the_last_word_counts_once() -> None:
    stream, basin = Stream(), Basin()
    stream.attach(basin)

    stream.end()
    stream.end(((b"late", b"1"),))
    stream.fail(RequestError(400, "late"))
    stream.feed(b"late")

    assert basin.trailers == ()
    assert basin.pieces == []
    assert repr(stream) == "<Stream ended: 0 bytes waiting>"


@pytest.mark.parametrize("fail", [False, True])
def test_a_source_that_was_paused_when_it_ended_is_resumed(fail: bool) -> None:
    """Its next message must not wait for the reader of this one."""
    tap = Tap()
    tap.stream.pause()

    if fail:
        tap.stream.fail(RequestError(400, "late"))
    else:
        tap.stream.end()
    tap.stream.resume()

    assert tap.heard == ["pause", "resume"]
