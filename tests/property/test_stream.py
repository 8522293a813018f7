"""Invariant: a stream gives out what was put in, once and in order, and holds no more than it promised."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from clearway.plug import Stream
from clearway.plug.headers import RawHeaders

HIGH_WATER = 8
LONGEST = 6

pieces = st.lists(st.binary(min_size=1, max_size=LONGEST), max_size=12)
turns = st.lists(st.sampled_from(["produce", "consume", "pause", "resume", "turn"]), max_size=40)


@dataclass
class Well:
    """A source that obeys: it feeds nothing while it is paused, and `burst` pieces as soon as it may."""

    left: list[bytes]
    burst: int
    stream: Stream = field(init=False)
    paused: bool = False
    most_held: int = 0
    held: int = 0

    def __post_init__(self) -> None:
        self.stream = Stream(self, high_water=HIGH_WATER)

    def produce(self) -> None:
        if self.paused or self.stream.is_ended():
            return
        if not self.left:
            self.stream.end(((b"x-end", b"1"),))
            return
        piece = self.left.pop(0)
        self.held += len(piece)
        self.stream.feed(piece)
        self.most_held = max(self.most_held, self.held)

    def pause(self) -> None:
        assert not self.paused
        self.paused = True

    def resume(self) -> None:
        assert self.paused
        self.paused = False
        for _ in range(self.burst):
            self.produce()

    def cancel(self) -> None:
        raise AssertionError("nobody cancels here")


@dataclass
class Drain:
    """A sink that holds its source back every `patience` pieces, and stays in charge of going on."""

    well: Well
    patience: int
    got: list[bytes] = field(default_factory=list)
    ends: list[RawHeaders] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        assert not self.ends
        self.got.append(data)
        self.well.held -= len(data)
        if len(self.got) % self.patience == 0:
            self.well.stream.pause()

    def finish(self, trailers: RawHeaders) -> None:
        self.ends.append(trailers)

    def fail(self, error: Exception) -> None:
        raise AssertionError from error


def run_dry(well: Well) -> None:
    while not well.stream.is_ended():
        well.stream.resume()
        well.produce()


@given(pieces, turns, st.integers(0, 3), st.integers(1, 4), st.integers(0, 10))
def test_pushing_loses_nothing_whenever_the_sink_comes_and_pauses(
    body: list[bytes], order: list[str], burst: int, patience: int, attach_after: int
) -> None:
    well = Well(list(body), burst)
    drain = Drain(well, patience)
    for at, step in enumerate(order):
        if at == attach_after:
            well.stream.attach(drain)
        match step:
            case "produce":
                well.produce()
            case "pause":
                well.stream.pause()
            case "resume":
                well.stream.resume()
    if len(order) <= attach_after:
        well.stream.attach(drain)
    run_dry(well)

    assert drain.got == body
    assert drain.ends == [((b"x-end", b"1"),)]


@given(pieces, turns, st.integers(0, 3))
def test_pulling_loses_nothing_and_holds_little(body: list[bytes], order: list[str], burst: int) -> None:
    well = Well(list(body), burst)
    got: list[bytes] = []

    async def pull(wanted: asyncio.Semaphore) -> None:
        await wanted.acquire()
        async for piece in well.stream:
            well.held -= len(piece)
            got.append(piece)
            await wanted.acquire()

    async def scene() -> None:
        wanted = asyncio.Semaphore(0)
        reader = asyncio.create_task(pull(wanted))
        for step in order:
            if step == "produce":
                well.produce()
            elif step == "consume":
                wanted.release()
            elif step == "turn":
                await asyncio.sleep(0)
        for _ in range(len(body) + 2):
            wanted.release()
        while not reader.done():
            well.produce()
            await asyncio.sleep(0)
        await reader

    asyncio.run(scene())

    assert got == body
    assert well.stream.trailers == ((b"x-end", b"1"),)
    assert well.most_held <= HIGH_WATER + 2 * LONGEST  # the piece that went over, and the one handed out


@given(pieces, st.integers(0, 12), st.booleans())
def test_a_body_that_breaks_off_gives_what_arrived_before(body: list[bytes], cut: int, pushed: bool) -> None:
    broken = ConnectionError("cut")
    stream = Stream()
    for piece in body[:cut]:
        stream.feed(piece)
    stream.fail(broken)
    for piece in body[cut:]:
        stream.feed(piece)

    got, error = pushed_out(stream) if pushed else asyncio.run(pulled_out(stream))

    assert got == body[:cut]
    assert error is broken


async def pulled_out(stream: Stream) -> tuple[list[bytes], Exception | None]:
    got: list[bytes] = []
    try:
        while True:
            got.append(await anext(stream))
    except ConnectionError as error:
        return got, error


def pushed_out(stream: Stream) -> tuple[list[bytes], Exception | None]:
    drain = Bucket()
    stream.attach(drain)
    return drain.got, drain.error


class Bucket:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.error: Exception | None = None

    def write(self, data: bytes) -> None:
        self.got.append(data)

    def finish(self, trailers: RawHeaders) -> None:
        raise AssertionError("it broke off")

    def fail(self, error: Exception) -> None:
        self.error = error
