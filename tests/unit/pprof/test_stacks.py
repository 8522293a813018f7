"""A suspended coroutine is followed down to where it stands."""

from __future__ import annotations

import sys
import types
from collections.abc import AsyncIterator, Coroutine, Generator
from typing import Any

import pytest

from clearway.pprof.profile import Frame
from clearway.pprof.stacks import DEEPEST, TRUNCATED, Lines, outward, spots


class Parked:
    """Awaiting it suspends for ever."""

    def __await__(self) -> Generator[None, None, None]:
        while True:
            yield


async def inner() -> None:
    await Parked()


async def through_a_coroutine() -> None:
    await inner()


class OfACoroutine:
    def __await__(self) -> Generator[Any, Any, None]:
        return inner().__await__()


async def through_an_await_method() -> None:
    await OfACoroutine()


@types.coroutine
def generator() -> Generator[Any, Any, None]:
    yield from inner().__await__()


async def through_a_generator() -> None:
    await generator()


async def steps() -> AsyncIterator[int]:
    await inner()
    yield 1


async def through_an_async_generator() -> None:
    async for _ in steps():
        pass


async def through_anext() -> None:
    await anext(steps(), None)


async def deep(levels: int) -> None:
    await (deep(levels - 1) if levels else inner())


def functions(coroutine: Coroutine[Any, Any, None]) -> list[str]:
    coroutine.send(None)
    stack = Lines().stack(spots(coroutine))
    coroutine.close()
    return [frame.function for frame in stack]


@pytest.mark.parametrize(
    ("coroutine", "between"),
    [
        (through_a_coroutine, []),
        (through_an_await_method, []),
        (through_a_generator, ["generator"]),
        (through_an_async_generator, ["steps"]),
        (through_anext, ["steps"]),
    ],
)
def test_the_stack_runs_from_where_it_waits_to_where_it_began(
    coroutine: types.FunctionType, between: list[str]
) -> None:
    assert functions(coroutine()) == ["Parked.__await__", "inner", *between, coroutine.__name__]


def test_a_line_is_where_the_coroutine_stands() -> None:
    coroutine = inner()
    coroutine.send(None)

    first = inner.__code__.co_firstlineno
    assert Lines().stack(spots(coroutine))[1] == Frame("inner", __file__, first + 1, first)
    coroutine.close()


def test_a_coroutine_that_ended_has_no_stack() -> None:
    coroutine = inner()
    coroutine.close()

    assert spots(coroutine) == []


def test_what_is_too_deep_is_cut_at_its_far_end_and_says_so() -> None:
    coroutine = deep(DEEPEST * 3)
    coroutine.send(None)

    stack = Lines().stack(spots(coroutine))
    assert len(stack) == DEEPEST + 1
    assert stack[-1] == TRUNCATED
    coroutine.close()


def test_a_frame_is_followed_to_its_callers() -> None:
    def callee() -> list[str]:
        return [code.co_name for code, _ in outward(sys._getframe())]

    assert callee()[:2] == ["callee", "test_a_frame_is_followed_to_its_callers"]


def test_what_is_no_coroutine_has_no_stack() -> None:
    assert spots(object()) == []
