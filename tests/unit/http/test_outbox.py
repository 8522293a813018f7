"""The outbox: one call at the end of the turn, for everybody who waits."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from clearway.http.outbox import Outbox

WHOSE: ContextVar[str] = ContextVar("WHOSE", default="nobody")


class Letter:
    """Something that waits."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent_by: list[str] = []

    def flush(self) -> None:
        self.sent_by.append(WHOSE.get())
        if self.error is not None:
            raise self.error


async def test_everybody_who_waits_is_flushed_once_in_the_next_turn() -> None:
    outbox, letters = Outbox(), [Letter(), Letter()]

    for letter in letters:
        outbox.add(letter)
    assert repr(outbox) == "<Outbox 2 waiting>"
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert [len(letter.sent_by) for letter in letters] == [1, 1]
    assert repr(outbox) == "<Outbox 0 waiting>"


async def test_who_waits_in_a_later_turn_is_flushed_too() -> None:
    outbox, letter = Outbox(), Letter()

    for _ in range(3):
        outbox.add(letter)
        await asyncio.sleep(0)

    assert len(letter.sent_by) == 3


async def test_one_that_fails_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    outbox, broken, letter = Outbox(), Letter(OSError("gone")), Letter()

    outbox.add(broken)
    outbox.add(letter)
    await asyncio.sleep(0)

    assert letter.sent_by == ["nobody"]
    assert "could not be written to" in caplog.text


async def test_what_is_flushed_belongs_to_no_request() -> None:
    outbox, letter = Outbox(), Letter()

    WHOSE.set("the first request")
    outbox.add(letter)
    await asyncio.sleep(0)

    assert letter.sent_by == ["nobody"]
