"""Tasks whose first step runs at once, on both loops."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from clearway.gateway.hosting.tasks import start_now
from tests.integration.loops import Run, both_loops

NAME: ContextVar[str] = ContextVar("name", default="unset")


async def from_callback(started):  # type: ignore[no-untyped-def]
    """Return what `started(loop)` returns when the loop calls it, outside of any task."""
    loop = asyncio.get_running_loop()
    found = loop.create_future()
    loop.call_soon(lambda: found.set_result(started(loop)))
    return await found


@both_loops
def test_what_awaits_nothing_is_done_at_once(run: Run) -> None:
    async def work() -> int:
        NAME.set("inside")
        return 1

    def started(loop):  # type: ignore[no-untyped-def]
        task = start_now(work(), loop, "work")
        return task.done(), task.result(), NAME.get()

    assert run(from_callback(started)) == (True, 1, "unset")


@both_loops
def test_it_is_one_task_from_its_first_step_to_its_last(run: Run) -> None:
    async def work() -> bool:
        first = asyncio.current_task()
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
        return first is asyncio.current_task()

    async def main() -> tuple[bool, bool]:
        task = await from_callback(lambda loop: start_now(work(), loop, "work"))
        return task.get_name() == "work", await task

    assert run(main()) == (True, True)


@both_loops
def test_an_error_in_the_first_step_is_the_tasks(run: Run) -> None:
    async def work() -> None:
        raise LookupError

    task = run(from_callback(lambda loop: start_now(work(), loop, "work")))

    assert isinstance(task.exception(), LookupError)


@both_loops
def test_inside_another_task_it_waits_for_its_turn(run: Run) -> None:
    ran = []

    async def work() -> None:
        ran.append(asyncio.current_task())

    async def main() -> bool:
        task = start_now(work(), asyncio.get_running_loop(), "work")
        assert not ran
        await task
        return ran == [task]

    assert run(main())


@both_loops
def test_the_loop_is_left_as_it_was(run: Run) -> None:
    async def work() -> None: ...

    def started(loop):  # type: ignore[no-untyped-def]
        start_now(work(), loop, "work")
        return "call_soon" in vars(loop)

    assert run(from_callback(started)) is False


@both_loops
def test_what_a_finalizer_asks_of_the_loop_meanwhile_is_done(run: Run) -> None:
    ran: list[str] = []

    class Name:
        """A name that uses the loop when the task's constructor reads it, as a finalizer may at any time."""

        def __str__(self) -> str:
            asyncio.get_running_loop().call_soon(ran.append, "later")
            return "work"

    async def work() -> None:
        ran.append("first")

    async def main() -> list[str]:
        await from_callback(lambda loop: start_now(work(), loop, Name()))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        return ran

    assert run(main()) == ["first", "later"]
