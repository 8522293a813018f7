"""The `tasks` profile tells what each task, thread and greenlet is doing."""

from __future__ import annotations

import asyncio
import gc
import queue
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from clearway import pprof
from clearway.pprof import Profile, Sample, tasks
from clearway.pprof.tasks import Tasks
from tests.integration.loops import Run, both_loops, settle


def labels(sample: Sample) -> dict[str, str | int]:
    return {label.key: label.value for label in sample.labels}


def of(profile: Profile, function: str) -> Sample:
    """Return the sample of the task that began in `function`; those that it awaits have longer stacks."""
    began = [each for each in profile.samples if each.stack[-1:] and each.stack[-1].function == function]
    return min(began, key=lambda each: len(each.stack))


@pytest.fixture
def births() -> Iterator[None]:
    tasks.record_created_sites(True)
    yield
    tasks.record_created_sites(False)


async def at_an_event() -> None:
    await asyncio.Event().wait()


async def at_a_queue() -> None:
    await asyncio.Queue[int]().get()


async def asleep() -> None:
    await asyncio.sleep(100)


async def at_a_future() -> None:
    await asyncio.get_running_loop().create_future()


async def at_a_lock() -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    await lock.acquire()


async def at_a_task() -> None:
    await asyncio.ensure_future(at_a_future())


async def at_a_gather() -> None:
    await asyncio.gather(at_a_future())


async def at_a_thread() -> None:
    with pytest.raises(queue.Empty):
        await asyncio.to_thread(queue.Queue[int]().get, timeout=0.2)


async def at_a_stream() -> None:
    await asyncio.StreamReader().readline()


async def at_a_timeout() -> None:
    async with asyncio.timeout(100):
        await asyncio.Event().wait()


async def snapshot_beside(way: Callable[[], Awaitable[None]], several: int = 1) -> Profile:
    started = [asyncio.ensure_future(way()) for _ in range(several)]
    await settle()
    profile = Tasks().snapshot()
    for each in started:
        each.cancel()
    await asyncio.wait(started)
    return profile


@both_loops
@pytest.mark.parametrize(
    ("way", "awaits"),
    [
        (at_an_event, "Event.wait"),
        (at_a_queue, "Queue.get"),
        (asleep, "sleep"),
        (at_a_future, "Future"),
        (at_a_lock, "Lock.acquire"),
        (at_a_task, "Task"),
        (at_a_gather, "gather"),
        (at_a_stream, "StreamReader.readline"),
        (at_a_timeout, "Event.wait"),
    ],
)
def test_a_waiting_task_says_what_it_awaits(
    run: Run, way: Callable[[], Awaitable[None]], awaits: str
) -> None:
    found = labels(of(run(snapshot_beside(way)), way.__name__))

    assert (found["kind"], found["state"], found["awaits"]) == ("task", "waiting", awaits)


@both_loops
def test_a_task_that_waits_for_a_thread_says_so(run: Run) -> None:
    async def main() -> Profile:
        task = asyncio.create_task(at_a_thread())
        await settle()
        profile = Tasks().snapshot()
        await task
        return profile

    assert labels(of(run(main()), "at_a_thread"))["awaits"] == "to_thread"


@both_loops
def test_tasks_with_equal_stacks_are_one_sample_with_their_number(run: Run) -> None:
    assert of(run(snapshot_beside(asleep, several=20)), "asleep").values == (20,)


@both_loops
def test_a_stack_goes_on_through_those_who_await(run: Run) -> None:
    profile = run(snapshot_beside(at_a_gather))

    stacks = [[frame.function for frame in each.stack] for each in profile.samples]
    assert ["at_a_future", "at_a_gather"] in stacks


@both_loops
def test_the_running_task_has_the_frames_that_run(run: Run) -> None:
    async def main() -> Profile:
        return Tasks().snapshot()

    mine = next(each for each in run(main()).samples if labels(each).get("state") == "running")
    names = [frame.function.rpartition(".")[2] for frame in mine.stack]
    assert names[names.index("snapshot") :][:2] == ["snapshot", "main"]
    assert "run_until_complete" not in names


@both_loops
def test_a_task_that_only_gave_way_is_ready(run: Run) -> None:
    async def main() -> Profile:
        async def busy() -> None:
            for _ in range(1000):
                await asyncio.sleep(0)

        task = asyncio.create_task(busy())
        await asyncio.sleep(0)
        profile = Tasks().snapshot()
        task.cancel()
        return profile

    ready = [each for each in run(main()).samples if labels(each).get("state") == "ready"]
    assert [each.stack[-1].function.rpartition(".")[2] for each in ready] == ["busy"]


@both_loops
def test_labels_of_a_task_are_on_its_sample(run: Run) -> None:
    async def main() -> Profile:
        with pprof.labels(route="/orders", tenant="acme"):
            task = asyncio.create_task(asleep())
        await settle()
        profile = Tasks().snapshot()
        task.cancel()
        return profile

    found = labels(of(run(main()), "asleep"))
    assert (found["route"], found["tenant"]) == ("/orders", "acme")


@both_loops
def test_tasks_of_a_loop_in_another_thread_are_seen(run: Run) -> None:
    ready, over = threading.Event(), threading.Event()

    async def elsewhere() -> None:
        task = asyncio.create_task(asleep())
        await settle()
        ready.set()
        await asyncio.to_thread(over.wait)
        task.cancel()

    thread = threading.Thread(target=run, args=(elsewhere(),), name="loop-7")
    thread.start()
    ready.wait()
    profile = Tasks().snapshot()
    over.set()
    thread.join()

    assert labels(of(profile, "asleep"))["kind"] == "task"
    assert "loop" in [labels(each).get("thread") for each in profile.samples]


@both_loops
def test_a_birth_tells_where_a_task_was_made_and_how_old_it_is(run: Run, births: None) -> None:
    found = labels(of(run(snapshot_beside(asleep)), "asleep"))

    assert str(found["created"]).startswith("snapshot_beside")
    assert found["age"] == "under 1 s"


@both_loops
def test_a_task_that_a_group_made_was_made_by_who_asked_the_group(run: Run, births: None) -> None:
    async def with_a_group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asleep())

    profile = run(snapshot_beside(with_a_group))
    made = [str(labels(each).get("created")) for each in profile.samples if each.stack[0].function == "sleep"]
    assert [each.partition(" ")[0].rpartition(".")[2] for each in made] == ["with_a_group"]


def test_births_are_not_recorded_before_start_and_after_stop() -> None:
    assert "created" not in labels(of(asyncio.run(snapshot_beside(asleep)), "asleep"))
    tasks.record_created_sites(True)
    tasks.record_created_sites(False)
    assert "created" not in labels(of(asyncio.run(snapshot_beside(asleep)), "asleep"))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
def test_an_eager_task_is_seen_in_its_first_step(births: None) -> None:
    async def eager() -> Profile:
        return Tasks().snapshot()

    async def main() -> Profile:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        return await asyncio.create_task(eager())

    running = [each for each in asyncio.run(main()).samples if labels(each).get("state") == "running"]
    assert any(each.stack[-1].function.endswith("eager") for each in running)


def test_in_full_each_task_stands_by_itself(births: None) -> None:
    async def main() -> str:
        with pprof.labels(route="/orders"):
            task = asyncio.create_task(asleep(), name="reader-7")
        await settle()
        text = Tasks().text(Tasks().snapshot(), debug=2)
        task.cancel()
        return text

    text = asyncio.run(main())
    block = next(each for each in text.split("\n\n") if "reader-7" in each).splitlines()
    assert block[0] == 'task "reader-7" [waiting: sleep, 0 s]:'
    assert block[1] == "# route: /orders"
    assert block[2] == "sleep"
    assert block[-2].startswith("created by ")


def test_grouped_text_counts() -> None:
    text = Tasks().text(asyncio.run(snapshot_beside(asleep, several=3)), debug=1)

    assert "\ntasks 3 @\n" in text


def test_what_came_between_two_moments_is_their_difference() -> None:
    async def main() -> Profile:
        recording = Tasks().begin()
        started = [asyncio.create_task(asleep()) for _ in range(4)]
        await settle()
        profile = recording.end()
        for each in started:
            each.cancel()
        return profile

    assert of(asyncio.run(main()), "asleep").values == (4,)


def test_a_suspended_greenlet_is_seen() -> None:
    greenlet = pytest.importorskip("greenlet")

    def waits() -> None:
        greenlet.getcurrent().parent.switch()

    made = greenlet.greenlet(waits)
    made.switch()
    gc.freeze()
    profile = Tasks().snapshot()
    gc.unfreeze()
    made.switch()

    found = [each for each in profile.samples if labels(each)["kind"] == "greenlet"]
    assert any(each.stack[0].function.endswith("waits") for each in found)


def test_a_snapshot_keeps_no_task() -> None:
    async def main() -> int:
        task = asyncio.create_task(asleep())
        await settle()
        gc.disable()  # a cycle would only end with the collector
        try:
            before = sys.getrefcount(task)
            Tasks().snapshot()
            return sys.getrefcount(task) - before
        finally:
            gc.enable()
            task.cancel()

    assert asyncio.run(main()) == 0


@pytest.mark.slow
@both_loops
def test_it_does_not_raise_while_other_threads_start_and_end_tasks(run: Run) -> None:
    over = threading.Event()

    async def churn() -> None:
        while not over.is_set():
            tuple(each for each in range(1000))  # must not be referred to while it is made
            await asyncio.gather(*(at_a_timeout_of_nothing() for _ in range(20)))

    threads = [threading.Thread(target=run, args=(churn(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        profiles = [Tasks().snapshot() for _ in range(100)]
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert all(profile.samples for profile in profiles)


async def at_a_timeout_of_nothing() -> None:
    async with asyncio.timeout(100):
        await asyncio.sleep(0)
