"""A task is interrupted in declared code that Python called, inside of a coroutine, and nowhere else."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from clearway.sched.errors import SchedOptionError
from clearway.sched.safepoint import SafePoints

HERE = SafePoints([__name__])
ELSEWHERE = SafePoints(["shop"])


def refusal(points: SafePoints = HERE) -> str | None:
    """Return what the predicate says of whoever called this."""
    return points.refusal(sys._getframe(1))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it awaits nothing")


def test_a_coroutine_of_declared_code_is_safe() -> None:
    async def declared() -> str | None:
        return refusal()

    assert run(declared()) is None


def test_what_a_coroutine_calls_is_safe_too() -> None:
    def callee() -> str | None:
        return refusal()

    async def declared() -> str | None:
        return callee()

    assert run(declared()) is None


def test_code_that_nobody_declared_is_not() -> None:
    async def undeclared() -> str | None:
        return refusal(ELSEWHERE)

    found = run(undeclared())
    assert found == f"in {__name__}.{undeclared.__qualname__}"


def test_code_outside_of_any_coroutine_is_not() -> None:
    assert refusal() is not None


def sorts(found: list[str | None]) -> None:
    sorted([2, 1], key=lambda number: found.append(refusal()) or number)


def maps(found: list[str | None]) -> None:
    list(map(lambda number: found.append(refusal()), [1]))  # noqa: C417  # C is to call it


def compares(found: list[str | None]) -> None:
    class Asked:
        def __eq__(self, other: object) -> bool:
            found.append(refusal())
            return True

        __hash__ = None  # type: ignore[assignment]

    assert Asked() in [Asked()]  # noqa: FURB171  # C is to call it


def sums(found: list[str | None]) -> None:
    sum(1 for _ in [1] if found.append(refusal()) is None)


@pytest.mark.parametrize("through_c", [sorts, maps, compares, sums])
def test_code_that_c_called_is_not_because_c_stands_in_the_middle_of_something(
    through_c: Callable[[list[str | None]], None],
) -> None:
    found: list[str | None] = []

    async def declared() -> None:
        through_c(found)

    run(declared())
    assert found
    assert all(each is not None for each in found)


def test_a_coroutine_that_another_one_awaits_is_judged_by_itself() -> None:
    async def inner() -> str | None:
        return refusal()

    async def outer() -> str | None:
        return await inner()

    assert run(outer()) is None


def test_pure_modules_of_the_standard_library_are_safe_below_declared_code() -> None:
    found: list[str | None] = []

    class Asks:
        def __deepcopy__(self, memo: object) -> Asks:
            found.append(HERE.refusal(sys._getframe(1)))  # of copy.deepcopy
            return self

    async def declared() -> None:
        copy.deepcopy(Asks())

    run(declared())
    assert found == [None]


@pytest.mark.parametrize("module", ["asyncio", "logging", "threading", "queue", "logging.handlers", "uvloop"])
def test_modules_whose_locks_are_not_made_for_it_cannot_be_declared(module: str) -> None:
    with pytest.raises(SchedOptionError, match="never be preempted"):
        SafePoints([module])


@pytest.mark.parametrize("name", ["", "shop.", "shop-floor", "shop/orders.py"])
def test_a_name_that_is_no_module_is_refused(name: str) -> None:
    with pytest.raises(SchedOptionError, match="no name of a module"):
        SafePoints([name])


def test_what_is_below_a_declared_package_is_declared() -> None:
    points = SafePoints(["tests.unit"])

    async def declared() -> str | None:
        return refusal(points)

    assert run(declared()) is None
    assert SafePoints(["tests.un"])._is_allowed(__name__) is False


def test_nothing_is_interrupted_while_somebody_traces() -> None:
    async def declared() -> str | None:
        before = sys.gettrace()
        sys.settrace(lambda *event: None)
        try:
            return refusal()
        finally:
            sys.settrace(before)

    assert run(declared()) == "a debugger or a coverage tool is at work"
