"""A coroutine that may be interrupted does what it did before, a slice at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clearway.sched import CpuLimitError
from tests.unit.sched.conftest import Run
from tests.unit.sched.forced import Forced


def test_others_run_while_a_task_that_never_awaits_is_interrupted(run: Run) -> None:
    async def test(forced: Forced) -> list[str]:
        order: list[str] = []

        async def greedy(name: str) -> None:
            for _ in range(3):
                order.append(name)
                forced.tick()

        await asyncio.gather(forced.spawn(greedy("a")), forced.spawn(greedy("b")))
        return order

    assert run(test) == ["a", "b"] * 3


def test_one_interrupted_task_goes_on_in_each_turn_of_the_loop(run: Run) -> None:
    async def test(forced: Forced) -> list[int]:
        slices = 0
        seen = []

        async def greedy() -> None:
            nonlocal slices
            for _ in range(5):
                slices += 1
                forced.tick()

        tasks = [forced.spawn(greedy()) for _ in range(4)]
        while not all(task.done() for task in tasks):
            before = slices
            await asyncio.sleep(0)
            seen.append(slices - before)
        return seen[1:]  # in the first turn each began

    assert max(run(test)) == 1


def test_a_result_and_an_exception_come_through(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        async def returns() -> int:
            forced.tick()
            return 7

        async def raises() -> None:
            try:
                raise KeyError("inner")
            except KeyError:
                forced.tick()
                raise ValueError("outer") from None

        return await asyncio.gather(
            forced.spawn(returns()), forced.spawn(raises()), return_exceptions=True
        ), forced.preemptions

    (result, error), preemptions = run(test)
    assert result == 7
    assert isinstance(error, ValueError)
    assert isinstance(error.__context__, KeyError)
    assert preemptions == 2


def test_who_uses_too_much_is_ended_at_a_safe_point(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        cleaned = []

        async def endless() -> None:
            try:
                while True:
                    forced.tick()
            finally:
                cleaned.append("up")

        with pytest.raises(CpuLimitError) as caught:
            await forced.spawn(endless(), max_cpu_ns=50)
        return cleaned, caught.value.status

    assert run(test) == (["up"], 503)


def test_a_task_that_is_dropped_while_it_is_interrupted_is_unwound(run: Run) -> None:
    async def test(forced: Forced) -> list[str]:
        unwound: list[str] = []

        async def endless() -> None:
            try:
                while True:
                    forced.tick()
            finally:
                unwound.append("finally")

        coroutine = forced.preemptible(endless())
        coroutine.send(None)
        coroutine.close()
        return [*unwound, str(len(forced.lane))]

    assert run(test) == ["finally", "0"]


def test_it_is_a_coroutine_to_whoever_asks(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        async def work() -> None:
            forced.tick()

        coroutine = forced.preemptible(work())
        said = asyncio.iscoroutine(coroutine), coroutine.__qualname__ == work.__qualname__, repr(coroutine)
        task = asyncio.ensure_future(coroutine)
        shown = repr(task)
        await task
        return *said, "work" in shown

    is_coroutine, same_name, shown, in_task = run(test)
    assert (is_coroutine, same_name, in_task) == (True, True, True)
    assert shown.endswith("work suspended>")
