"""Interrupted at any point, a task sees what asyncio promises."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from clearway.sched import critical
from tests.unit.sched.conftest import Run
from tests.unit.sched.forced import Forced


def test_a_cancellation_arrives_at_the_next_await_and_not_between_two_lines(
    run: Run,
) -> None:
    async def test(forced: Forced) -> list[str]:
        done: list[str] = []

        async def careful() -> None:
            done.append("first")
            forced.tick()
            done.append("second")
            forced.tick()
            done.append("third")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                done.append("cancelled at the await")
                raise

        task = forced.spawn(careful())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return done

    assert run(test) == ["first", "second", "third", "cancelled at the await"]


def test_a_task_that_ends_before_its_next_await_is_not_cancelled_any_more(run: Run) -> None:
    async def test(forced: Forced) -> str:
        async def short() -> str:
            forced.tick()
            return "done"

        task = forced.spawn(short())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    assert run(test) == "done"


def test_a_timeout_ends_an_interrupted_task(run: Run) -> None:
    async def test(forced: Forced) -> str:
        async def slow() -> None:
            forced.tick()
            await asyncio.Event().wait()

        async def limited() -> str:
            try:
                async with asyncio.timeout(0):
                    await forced.preemptible(slow())
            except TimeoutError:
                return "timed out"
            return "never"

        return await limited()

    assert run(test) == "timed out"


def test_a_task_group_cancels_its_interrupted_members(run: Run) -> None:
    async def test(forced: Forced) -> list[str]:
        ended: list[str] = []

        async def member() -> None:
            try:
                while True:
                    forced.tick()
                    await asyncio.sleep(0)
            finally:
                ended.append("member")

        async def fails() -> None:
            await asyncio.sleep(0)
            raise ValueError

        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(forced.preemptible(member()))
                group.create_task(forced.preemptible(member()))
                group.create_task(fails())

        with pytest.raises(ExceptionGroup):
            await all_of_them()
        return ended

    assert run(test) == ["member", "member"]


def test_an_async_generator_is_interrupted_and_closed_as_ever(run: Run) -> None:
    async def test(forced: Forced) -> list[object]:
        seen: list[object] = []

        async def numbers() -> AsyncIterator[int]:
            try:
                for number in range(10):
                    forced.tick()
                    yield number
            finally:
                seen.append("closed")

        async def reads() -> None:
            source = numbers()
            async for number in source:
                forced.tick()
                seen.append(number)
                if number == 2:
                    break
            await source.aclose()  # type: ignore[attr-defined]

        await forced.spawn(reads())
        return seen

    assert run(test) == [0, 1, 2, "closed"]


def test_locks_of_asyncio_exclude_across_an_interruption(run: Run) -> None:
    async def test(forced: Forced) -> list[str]:
        lock = asyncio.Lock()
        order: list[str] = []

        async def holds(name: str) -> None:
            async with lock:
                order.append(f"{name} in")
                forced.tick()
                order.append(f"{name} out")

        await asyncio.gather(forced.spawn(holds("a")), forced.spawn(holds("b")))
        return order

    assert run(test) == ["a in", "a out", "b in", "b out"]


def test_a_critical_section_is_not_interrupted(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        async def careful() -> None:
            with critical():
                forced.tick()

        await forced.spawn(careful())
        return forced.preemptions, forced.slicer.missed

    assert run(test) == (0, {"in a critical section": 1})


def test_logging_is_not_interrupted_for_its_locks_know_threads_alone(run: Run) -> None:
    async def test(forced: Forced) -> int:
        class Ticking(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                forced.tick()

        log = logging.Logger("test")  # noqa: LOG001  # nobody else may have it
        log.addHandler(Ticking())

        async def logs() -> None:
            log.warning("interrupted?")

        await forced.spawn(logs())
        return forced.preemptions

    assert run(test) == 0
