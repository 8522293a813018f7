# Stacks of what does not run at this moment: a suspended coroutine, and of what does: a thread.
#
# Rule: nothing here changes what it looks at, and nothing raises because it changed meanwhile. Other threads
# run between any two lines of this file.
#
# A suspended coroutine holds the one that it awaits (cr_await), a generator what it yields from
# (gi_yieldfrom), an asynchronous generator what it awaits (ag_await). Between them may stand wrappers that
# tell nothing in Python: the awaitable of an asynchronous generator's step, of a coroutine's `__await__`, of
# `anext` with a default. The collector sees through them: what they refer to is the next link.
"""Stacks of coroutines and frames, as a profile has them."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any

from clearway.pprof.profile import Frame

__all__ = ["DEEPEST", "TRUNCATED", "Lines", "Spot", "callers", "links", "outward", "spots"]

DEEPEST = 256
"""Frames of one stack that are kept; the rest is one frame, `TRUNCATED`."""

TRUNCATED = Frame("<truncated stack>", "", 0)
"""The frame that stands for what was too deep, as in the heap's stacks."""

Spot = tuple[CodeType, int]
"""Where a frame is: its code and the offset of its last instruction. Cheaper than a line."""

_SUSPENDED = (CoroutineType, GeneratorType, AsyncGeneratorType)
# What each kind calls the next link and its frame. Cython's kinds have the same names.
_NAMES = (("cr_await", "cr_frame"), ("gi_yieldfrom", "gi_frame"), ("ag_await", "ag_frame"))
_NOTHING = ("", "")
# By name: these types have no other in Python.
_WRAPPERS = frozenset(
    ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "anext_awaitable")
)


def links(coroutine: object) -> Iterator[Any]:
    """Give `coroutine`, what it awaits, what that awaits, and so on; the innermost last.

    The last one may be the iterator of a future, or any other iterator that somebody awaits.
    """
    link: object = coroutine
    for _ in range(DEEPEST * 2):
        if link is None:
            return
        yield link
        link = _through(link) if type(link).__name__ in _WRAPPERS else getattr(link, _names(link)[0], None)


def spots(coroutine: object) -> list[Spot]:
    """Return where a suspended coroutine stands, innermost first; nothing if it has ended."""
    frames = [getattr(link, _names(link)[1], None) for link in links(coroutine)]
    return [spot for frame in reversed(frames) if frame is not None for spot in _spot(frame)]


def outward(leaf: FrameType | None) -> list[Spot]:
    """Return where a frame and its callers are, leaf first."""
    return [spot for frame in callers(leaf) for spot in _spot(frame)]


def callers(leaf: FrameType | None) -> Iterator[FrameType]:
    """Give a frame, its caller, that one's caller, and so on."""
    for _ in range(DEEPEST * 2):
        if leaf is None:
            return
        yield leaf
        leaf = leaf.f_back


class Lines:
    """Turns spots into frames, each once: of ten thousand tasks most stand at the same few lines."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Frame, CodeType]] = {}  # the code stays, and so its id

    def stack(self, found: Iterable[Spot]) -> tuple[Frame, ...]:
        """Return the stack at these spots, cut where it is too deep."""
        stack = tuple(self.frame(*spot) for spot in found)
        return stack if len(stack) <= DEEPEST else (*stack[:DEEPEST], TRUNCATED)

    def frame(self, code: CodeType, offset: int) -> Frame:
        """Return the frame of one spot."""
        key = (id(code), offset)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _frame(code, offset), code
        return known[0]


def _frame(code: CodeType, offset: int) -> Frame:
    return Frame(code.co_qualname, code.co_filename, _line(code, offset), code.co_firstlineno)


def _line(code: CodeType, offset: int) -> int:
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno


def _spot(frame: Any) -> Iterator[Spot]:
    """Give where a frame is; Cython's frames may lack an offset, and those of others anything."""
    code, offset = getattr(frame, "f_code", None), getattr(frame, "f_lasti", -1)
    if isinstance(code, CodeType):
        yield code, offset if isinstance(offset, int) else -1


def _names(link: object) -> tuple[str, str]:
    kind = type(link)
    for attributes in _NAMES:
        if hasattr(kind, attributes[0]):
            return attributes
    return _NOTHING


def _through(wrapper: object) -> Any:
    return next((each for each in gc.get_referents(wrapper) if _is_link(each)), None)


def _is_link(thing: object) -> bool:
    return isinstance(thing, _SUSPENDED) or type(thing).__name__ in _WRAPPERS
