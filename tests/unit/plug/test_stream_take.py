"""Taking a body as it comes: all that is there, and whether more may follow."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import RequestError, Stream
from clearway.plug.stream import EMPTY


class Pump:
    """A source that feeds the rest, and ends, as soon as it is resumed."""

    def __init__(self) -> None:
        self.stream = Stream(self, high_water=4)

    def pause(self) -> None: ...

    def resume(self) -> None:
        self.stream.feed(b"rest")
        self.stream.end()

    def cancel(self) -> None: ...


def taken(stream: Stream) -> list[tuple[bytes, bool]]:
    async def take() -> list[tuple[bytes, bool]]:
        found = [await stream.take()]
        while found[-1][1]:
            found.append(await stream.take())
        return found

    return asyncio.run(take())


def test_what_is_there_comes_at_once_and_together() -> None:
    assert taken(Stream.of(b"one ", b"two")) == [(b"one two", False)]
    assert taken(EMPTY) == [(b"", False)]


def test_a_body_that_goes_on_says_so() -> None:
    async def main() -> list[tuple[bytes, bool]]:
        stream = Stream()
        stream.feed(b"one")
        first = await stream.take()
        waiting = asyncio.create_task(stream.take())
        await asyncio.sleep(0)
        stream.feed(b"two")
        stream.end()
        return [first, await waiting]

    assert asyncio.run(main()) == [(b"one", True), (b"two", False)]


def test_a_source_that_ends_while_it_is_resumed_loses_nothing() -> None:
    pump = Pump()
    pump.stream.feed(b"begin")

    assert taken(pump.stream) == [(b"begin", True), (b"rest", False)]


def test_a_body_that_breaks_off_gives_what_came_first() -> None:
    stream = Stream()
    stream.feed(b"one")
    stream.fail(RequestError(400, "broken"))

    assert asyncio.run(stream.take()) == (b"one", True)
    with pytest.raises(RequestError):
        asyncio.run(stream.take())
