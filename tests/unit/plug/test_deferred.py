"""A value that arrives later reaches its one consumer once, whatever comes first."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Conn, Deferred
from clearway.plug.errors import conn_at_failure
from clearway.testing import conn

Outcome = tuple[object, BaseException | None]


class Listener:
    """A consumer that writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Outcome] = []

    def __call__(self, value: object, error: BaseException | None) -> None:
        self.heard.append((value, error))


FAILURE = LookupError("nobody there")


@pytest.mark.parametrize("listens_first", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_outcome_is_delivered_whether_it_or_the_consumer_comes_first(
    fails: bool, listens_first: bool
) -> None:
    deferred: Deferred[str] = Deferred()
    listener = Listener()
    steps = [
        lambda: deferred.then(listener),
        lambda: deferred.reject(FAILURE) if fails else deferred.resolve("here"),
    ]

    for step in steps if listens_first else reversed(steps):
        step()

    assert listener.heard == [(None, FAILURE) if fails else ("here", None)]


def test_only_the_first_outcome_counts() -> None:
    deferred: Deferred[str] = Deferred()
    listener = Listener()
    deferred.then(listener)

    deferred.resolve("first")
    deferred.resolve("second")
    deferred.reject(FAILURE)

    assert listener.heard == [("first", None)]


def test_a_second_consumer_is_refused() -> None:
    deferred: Deferred[str] = Deferred()
    deferred.then(Listener())

    with pytest.raises(RuntimeError, match="one consumer"):
        deferred.then(Listener())


# Awaited


def test_it_can_be_awaited_before_and_after_its_outcome() -> None:
    async def scene() -> list[str]:
        early: Deferred[str] = Deferred()
        late: Deferred[str] = Deferred()
        late.resolve("late")
        asyncio.get_running_loop().call_soon(early.resolve, "early")
        return [await early, await late]

    assert asyncio.run(scene()) == ["early", "late"]


def test_awaiting_raises_the_failure() -> None:
    async def scene() -> None:
        deferred: Deferred[str] = Deferred()
        asyncio.get_running_loop().call_soon(deferred.reject, FAILURE)
        await deferred

    with pytest.raises(LookupError):
        asyncio.run(scene())


def test_a_cancelled_waiter_cancels_the_producer() -> None:
    cancelled: list[str] = []

    async def scene() -> None:
        deferred: Deferred[str] = Deferred(on_cancel=lambda: cancelled.append("told"))
        waiter = asyncio.ensure_future(deferred)
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.sleep(0)

    asyncio.run(scene())

    assert cancelled == ["told"]


# Cancelled


def test_cancelling_tells_the_producer_once_and_the_consumer_nothing() -> None:
    told: list[str] = []
    deferred: Deferred[str] = Deferred(on_cancel=lambda: told.append("cancel"))
    listener = Listener()
    deferred.then(listener)

    deferred.cancel()
    deferred.cancel()
    deferred.resolve("too late")

    assert told == ["cancel"]
    assert listener.heard == []


def test_cancelling_after_the_outcome_changes_nothing() -> None:
    told: list[str] = []
    deferred: Deferred[str] = Deferred(on_cancel=lambda: told.append("cancel"))
    deferred.resolve("here")

    deferred.cancel()

    assert told == []
    assert asyncio.run(awaited(deferred)) == "here"


def test_awaiting_what_was_cancelled_is_a_cancellation_and_not_a_missing_value() -> None:
    deferred: Deferred[str] = Deferred()
    deferred.cancel()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(awaited(deferred))


async def awaited(deferred: Deferred[str]) -> str:
    return await deferred


# Mapped


def test_a_mapped_value_is_the_functions_result() -> None:
    deferred: Deferred[str] = Deferred()
    listener = Listener()
    deferred.map(len).then(listener)

    deferred.resolve("four")

    assert listener.heard == [(4, None)]


def test_a_function_that_raises_makes_a_failure_of_it() -> None:
    deferred: Deferred[str] = Deferred()
    listener = Listener()
    deferred.map(int).then(listener)

    deferred.resolve("not a number")

    ((value, error),) = listener.heard
    assert value is None
    assert isinstance(error, ValueError)


def test_a_failure_passes_through_map() -> None:
    deferred: Deferred[str] = Deferred()
    listener = Listener()
    deferred.map(len).then(listener)

    deferred.reject(FAILURE)

    assert listener.heard == [(None, FAILURE)]


def test_cancelling_the_mapped_one_cancels_the_origin() -> None:
    told: list[str] = []
    deferred: Deferred[str] = Deferred(on_cancel=lambda: told.append("cancel"))

    deferred.map(len).cancel()

    assert told == ["cancel"]
    assert repr(deferred) == "<Deferred done>"


# The request that waits


@pytest.mark.parametrize("mapped", [True, False])
def test_a_failure_is_delivered_with_the_newest_conn_of_the_request_that_waits(mapped: bool) -> None:
    deferred: Deferred[Conn] = Deferred()
    deferred.conn = conn("GET", "/newest")
    waiting = deferred.map(Conn.halt) if mapped else deferred
    waiting.then(Listener())
    failure = LookupError()

    deferred.reject(failure)

    assert waiting.conn is deferred.conn
    assert conn_at_failure(failure, conn("GET", "/first")).path == "/newest"
