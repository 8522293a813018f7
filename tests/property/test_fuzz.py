# The invariant: whatever bytes a client or an upstream sends, in whatever pieces, nothing is raised that
# nobody handles, everything comes to rest, and what goes out on the other side is strict HTTP that means
# what came in. `make fuzz` tries a million inputs; here are a few thousand, the same in every run.
"""Broken messages, by mutation and by Hypothesis, between a client, the gateway and an upstream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz import fuzz
from benchmarks.fuzzing.compare import BrokenError
from benchmarks.fuzzing.corpus import REQUESTS, RESPONSES, TOKENS
from benchmarks.fuzzing.trial import ASKED, ENDS, ROOMS, Trial
from tests.wire.memory import MemoryLoop

INPUTS = 4000


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        yield runner


@pytest.fixture(scope="module")
def trial(runner: asyncio.Runner) -> Iterator[Trial]:
    async def opened() -> Trial:
        return await Trial().open()

    trial = runner.run(opened())
    yield trial
    trial.close()


@pytest.mark.slow
def test_mutated_messages_break_nothing(runner: asyncio.Runner, trial: Trial) -> None:
    runner.run(fuzz(20_261_123, range(INPUTS), trial))

    assert trial.counts["forwarded"] > INPUTS // 10  # else we look at refusals alone
    assert trial.counts["2xx broken off"] > 0


words = st.sampled_from([*TOKENS, b"\r\n", b"\r\n", b": ", b" ", *[b"%c" % each for each in range(256)]])

ends = st.sampled_from(ENDS)
rooms = st.sampled_from(ROOMS)


def messages(corpus: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Pieces of messages and words that parsers trip over, to be sent one after the other."""
    begun = st.builds(lambda raw, end: raw[:end], st.sampled_from(corpus), st.integers(0, 400))
    whole = st.sampled_from(corpus)
    made = st.lists(words, max_size=30).map(b"".join)
    return st.lists(st.one_of(begun, whole, made, made), min_size=1, max_size=5)


@pytest.mark.slow
@given(pieces=messages(REQUESTS), end=ends, mode=st.integers(0, 2), room=rooms)
def test_requests_made_of_words_break_nothing(
    runner: asyncio.Runner, trial: Trial, pieces: list[bytes], end: str, mode: int, room: int | None
) -> None:
    trial.mode, trial.room = mode, room
    runner.run(trial.try_request(pieces, end))


@pytest.mark.slow
@given(pieces=messages(RESPONSES), end=ends, asked=st.sampled_from(ASKED), mode=st.integers(0, 2), room=rooms)
def test_responses_made_of_words_break_nothing(
    runner: asyncio.Runner,
    trial: Trial,
    pieces: list[bytes],
    end: str,
    asked: tuple[bytes, bytes],
    mode: int,
    room: int | None,
) -> None:
    trial.mode, trial.room = mode, room
    runner.run(trial.try_response(pieces, end, asked))


LONG_ZERO = b"0" * 30 + b"5\r\nhello\r\n" + b"0" * 30 + b"\r\n\r\n"


def test_the_fuzzer_lets_a_chunk_size_begin_with_any_number_of_zeros(
    runner: asyncio.Runner, trial: Trial
) -> None:
    chunked = b"transfer-encoding: chunked\r\n\r\n" + LONG_ZERO
    trial.mode, trial.room = 0, None

    runner.run(trial.try_request([b"POST / HTTP/1.1\r\nhost: a\r\n" + chunked]))
    runner.run(trial.try_response([b"HTTP/1.1 200 OK\r\n" + chunked], "stays"))


def test_the_fuzzer_sees_what_is_broken(runner: asyncio.Runner, trial: Trial) -> None:
    """An upstream that answers a request which nobody sent, and a log that holds an error."""
    trial.logged.append("not cleared")

    async def leave_a_log() -> None:
        gateway_log = trial.logged
        await trial.try_request([b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"])
        gateway_log.append("an error")
        await trial.rest()

    with pytest.raises(BrokenError, match="an error was logged"):
        runner.run(leave_a_log())
