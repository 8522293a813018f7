# Pipelines: plugs in a row.
#
# Theory of operation
# -------------------
# A plug is called and returns either a Conn, and the next one is called in the same frame, or something to
# await. Only then is a coroutine made, which takes over the very iterator that the plain loop was using. So
# a row of plain functions costs no coroutine, and a plug that can answer at once (a warm credential cache)
# does.
#
# Nested pipelines are flattened when they are built, so depth costs nothing. (A subclass of Pipeline is not
# flattened: it may do more than call its plugs.) A plain loop over a tuple takes 58 ns per empty plug; source
# generated per pipeline took 45, nested closures 81 (benchmarks/plugs.py). The loop is what one can read.
"""Pipelines: plugs in a row, which may halt."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from operator import length_hint
from typing import Protocol

from clearway.plug.conn import Conn
from clearway.plug.deferred import Deferred
from clearway.plug.errors import PlugContractError, PlugOptionError, remember_conn

__all__ = ["Pipeline", "Plug", "Result", "then"]

Result = Conn | Awaitable[Conn]
_Call = Callable[[Conn], Result]


class Plug(Protocol):
    """Anything that takes a conn and returns one, now or later.

    A function is a plug:

        def teapot(conn):
            return conn.send_resp(418, "short and stout").halt()

    A plug with options is a class: the constructor checks them once, `__call__` runs per request.

        class Greet:
            def __init__(self, word: str) -> None:
                self.word = word
            def __call__(self, conn):
                return conn.send_resp(200, self.word)

    Returning `conn.halt()` skips every plug that follows.
    """

    def __call__(self, conn: Conn, /) -> Result:
        """Take the conn and return it, changed or not."""


class Pipeline:
    """A row of plugs; itself a plug.

        app = Pipeline(RequestId(), BasicAuth(users), RequireAuth(), router)
        conn = app(conn)              # a Conn, or an awaitable of one if a plug had to wait

    A halted conn passes through untouched, so that a halt inside also stops the pipelines around.
    An exception leaves with the newest conn attached, so that the error's answer still has its headers and
    runs its hooks.
    """

    __slots__ = ("_calls", "plugs")

    def __init__(self, *plugs: Plug) -> None:
        for plug in plugs:
            if not callable(plug):
                raise PlugOptionError(f"{plug!r} is not a plug: a plug is called with a conn and returns one")
            if inspect.isclass(plug):
                raise PlugOptionError(f"{plug.__name__} is a class: put {plug.__name__}(...) in the pipeline")
        self.plugs: tuple[Plug, ...] = tuple(
            inner for plug in plugs for inner in (plug.plugs if type(plug) is Pipeline else (plug,))
        )
        self._calls = tuple(_bound(plug) for plug in self.plugs)

    def __call__(self, conn: Conn) -> Result:
        if conn.halted:
            return conn
        rest = iter(self._calls)
        try:
            for call in rest:
                result = call(conn)
                if result.__class__ is not Conn:
                    return self._later(result, conn, rest)
                conn = result
                if conn.halted:
                    return conn
        except Exception as error:
            remember_conn(error, conn)
            raise
        return conn

    def _later(self, pending: object, conn: Conn, rest: Iterator[_Call]) -> Result:
        if isinstance(pending, Deferred) and not length_hint(rest):
            pending.conn = pending.conn or conn  # a pipeline further in has a newer one
            return pending
        if not isinstance(pending, Awaitable):
            raise self._broken(pending, rest)
        return self._resume(pending, conn, rest)

    async def _resume(self, pending: Awaitable[Conn], conn: Conn, rest: Iterator[_Call]) -> Conn:
        try:
            conn = await self._arrived(pending, rest)
            for call in rest:
                if conn.halted:
                    break
                result = call(conn)
                conn = result if isinstance(result, Conn) else await self._arrived(result, rest)
        except BaseException as error:  # a request that is cancelled has hooks to run as well
            remember_conn(error, conn)
            raise
        return conn

    async def _arrived(self, pending: object, rest: Iterator[_Call]) -> Conn:
        result = await pending if isinstance(pending, Awaitable) else pending
        if isinstance(result, Conn):
            return result
        raise self._broken(result, rest)

    def _broken(self, result: object, rest: Iterator[_Call]) -> PlugContractError:
        plug = self.plugs[-1 - length_hint(rest)]
        return PlugContractError(
            f"{plug!r} returned {result!r}; a plug returns the conn it was given, changed or not",
            hint="is a `return` missing?",
        )

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(map(repr, self.plugs))})"


def _bound(plug: Plug) -> _Call:
    """Return what a call of `plug` really calls: a bound method is found once, not per request."""
    return plug if inspect.isroutine(plug) else plug.__call__


def then(result: Result, fn: Callable[[Conn], Conn]) -> Result:
    """Apply `fn` to the conn of `result`, now if it is here, and without a task if it is deferred."""
    if isinstance(result, Conn):
        return fn(result)
    if isinstance(result, Deferred):
        return result.map(fn)
    return _then(result, fn)


async def _then(pending: Awaitable[Conn], fn: Callable[[Conn], Conn]) -> Conn:
    return fn(await pending)
