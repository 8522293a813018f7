"""Whatever belongs to a task alone stays its own when it is interrupted."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import threading
import weakref
from typing import Any

import greenlet

from tests.unit.sched.conftest import Run
from tests.unit.sched.forced import Forced

MARK: contextvars.ContextVar[str] = contextvars.ContextVar("mark", default="none")


def test_the_exception_being_handled_is_each_tasks_own(run: Run) -> None:
    async def test(forced: Forced) -> list[object]:
        async def handles(error: Exception) -> object:
            try:
                raise error
            except (KeyError, ValueError, TypeError):
                forced.tick()
                return sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]

        errors: list[Exception] = [KeyError(), ValueError(), TypeError()]
        found = await asyncio.gather(*(forced.spawn(handles(error)) for error in errors))
        return [seen is error for seen, error in zip(found, errors, strict=True)]

    assert run(test) == [True, True, True]


def test_context_variables_are_each_tasks_own(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        async def marks(name: str) -> list[str]:
            MARK.set(name)
            seen = []
            for _ in range(3):
                forced.tick()
                seen.append(MARK.get())
                await asyncio.sleep(0)
                seen.append(MARK.get())
            return seen

        found = await asyncio.gather(forced.spawn(marks("a")), forced.spawn(marks("b")))
        return found, MARK.get()

    assert run(test) == ([["a"] * 6, ["b"] * 6], "none")


def test_the_current_task_is_the_one_that_goes_on(run: Run) -> None:
    async def test(forced: Forced) -> bool:
        async def looks() -> list[asyncio.Task[Any] | None]:
            seen = [asyncio.current_task()]
            forced.tick()
            seen.append(asyncio.current_task())
            return seen

        tasks = [forced.spawn(looks()) for _ in range(3)]
        found = await asyncio.gather(*tasks)
        return all(seen == [task, task] for seen, task in zip(found, tasks, strict=True))

    assert run(test)


def test_a_greenlet_inside_of_a_task_is_interrupted_and_goes_on_where_it_was(
    run: Run,
) -> None:
    async def test(forced: Forced) -> Any:
        async def says(word: str) -> str:
            return word

        async def inside(seen: list[str]) -> None:
            seen.append("inner")
            forced.tick()
            seen.append("inner again")

        async def spawns() -> list[str]:
            seen: list[str] = []

            def body() -> None:
                try:
                    inside(seen).send(None)
                except StopIteration:
                    seen.append("inner done")

            greenlet.greenlet(body).switch()
            seen.append("outer")
            return seen

        other = forced.spawn(says("other"))
        return await forced.spawn(spawns()), await other, forced.preemptions

    assert run(test) == (["inner", "inner again", "inner done", "outer"], "other", 1)


def test_a_plain_coroutine_may_await_a_preemptible_one(run: Run) -> None:
    async def test(forced: Forced) -> Any:
        async def work() -> str:
            forced.tick()
            await asyncio.sleep(0)
            forced.tick()
            return "done"

        return await forced.preemptible(work()), forced.preemptions

    assert run(test) == ("done", 2)


def test_a_preemptible_coroutine_inside_of_another_is_interrupted_as_part_of_it(
    run: Run,
) -> None:
    async def test(forced: Forced) -> Any:
        async def inner() -> str:
            forced.tick()
            await asyncio.sleep(0)
            return "done"

        async def outer() -> str:
            return await forced.preemptible(inner())

        return await forced.spawn(outer())

    assert run(test) == "done"


def test_nothing_of_a_task_is_kept_when_it_is_over(run: Run) -> None:
    async def test(forced: Forced) -> bool:
        class Request:
            pass

        async def handles(request: Request) -> None:
            context_holds: contextvars.ContextVar[Request] = contextvars.ContextVar("request")
            context_holds.set(request)
            forced.tick()
            await asyncio.sleep(0)

        request = Request()
        gone = weakref.ref(request)
        await forced.spawn(handles(request))
        del request
        await asyncio.sleep(0)
        gc.collect()
        return gone() is None

    assert run(test)


def test_another_thread_is_not_ours_to_interrupt(run: Run) -> None:
    async def test(forced: Forced) -> list[int]:
        seen: list[int] = []

        async def work() -> None:
            seen.append(1)

        def elsewhere() -> None:
            asyncio.run(forced.preemptible(work()))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.get_running_loop().run_in_executor(None, thread.join)
        return seen

    assert run(test) == [1]
