"""Invariant: a pipeline is a fold over its plugs that stops at the first halt, whoever has to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from clearway.plug import AlreadySentError, Conn, Deferred, Pipeline, Plug
from clearway.plug.errors import conn_at_failure
from clearway.testing import conn


@dataclass(frozen=True)
class Step:
    """What one plug does, and the way in which it returns."""

    deed: str
    way: str


Tree = Step | list["Tree"]
steps = st.builds(
    Step,
    st.sampled_from(["mark", "mark", "mark", "hook", "send", "halt", "raise"]),
    st.sampled_from(["now", "now", "coroutine", "settled", "later"]),
)
trees: st.SearchStrategy[Tree] = st.recursive(steps, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


class BadDeedError(Exception):
    """A plug's own failure."""


FAILURES = (BadDeedError, AlreadySentError)


def do(deed: str, conn: Conn, at: int) -> Conn:
    """Do a deed plainly: this and `fold` are the oracle."""
    if deed == "raise":
        raise BadDeedError
    if deed == "halt":
        return conn.halt()
    if deed == "send":
        return conn.send_resp(200)
    if deed == "hook":
        return conn.register_before_send(lambda c: c.add_resp_header("x-hook", str(at)))
    return conn.assign("marks", (*conn.assigns.get("marks", ()), at))


def plug_of(step: Step, at: int) -> Plug:
    def plug(conn: Conn) -> Conn | Awaitable[Conn]:
        if step.way == "now":
            return do(step.deed, conn, at)
        if step.way == "coroutine":
            return after_a_turn(lambda: do(step.deed, conn, at))
        return deferred(lambda: do(step.deed, conn, at), at_once=step.way == "settled")

    return plug


async def after_a_turn(work: Callable[[], Conn]) -> Conn:
    await asyncio.sleep(0)
    return work()


def deferred(work: Callable[[], Conn], *, at_once: bool) -> Deferred[Conn]:
    promise: Deferred[Conn] = Deferred()

    def settle() -> None:
        try:
            promise.resolve(work())
        except FAILURES as error:
            promise.reject(error)

    if at_once:
        settle()
    else:
        asyncio.get_running_loop().call_soon(settle)
    return promise


def leaves(tree: Tree) -> list[Step]:
    return [tree] if isinstance(tree, Step) else [leaf for inner in tree for leaf in leaves(inner)]


class Kept(Pipeline):
    """A pipeline that its parents do not flatten."""


def pipeline_of(tree: Tree, kind: type[Pipeline]) -> Pipeline:
    order = iter(range(1000))

    def build(inner: Tree) -> Plug:
        if isinstance(inner, Step):
            return plug_of(inner, next(order))
        return kind(*[build(each) for each in inner])

    return kind(build(tree))


Outcome = tuple[str, Conn]


def fold(tree: Tree, conn: Conn) -> Outcome:
    for at, step in enumerate(leaves(tree)):
        try:
            conn = do(step.deed, conn, at)
        except FAILURES as error:
            return type(error).__name__, conn
        if conn.halted:
            break
    return "returned", conn


async def run(app: Pipeline, conn: Conn) -> Outcome:
    try:
        result = app(conn)
        return "returned", result if isinstance(result, Conn) else await result
    except FAILURES as error:
        return type(error).__name__, conn_at_failure(error, conn)


def seen(outcome: Outcome) -> tuple[object, ...]:
    word, conn = outcome
    return (
        word, conn.assigns, conn.halted, conn.state, conn.status, conn.resp_headers, len(conn.before_send)
    )  # fmt: skip


@given(trees, st.sampled_from([Pipeline, Kept]))
def test_a_pipeline_is_a_fold_that_stops_at_a_halt(tree: Tree, kind: type[Pipeline]) -> None:
    request = conn("GET", "/")

    async def scene() -> Outcome:
        return await run(pipeline_of(tree, kind), request)

    assert seen(asyncio.run(scene())) == seen(fold(tree, request))
