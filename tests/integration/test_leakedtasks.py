"""Tasks that nobody can ever wake are told, and no others: a table of small programs, on both loops."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from functools import cache

import pytest

from clearway.pprof.leakedtasks import LeakedTasks
from tests.integration import healthy_programs, stuck_programs
from tests.integration.loops import settle

pytestmark = pytest.mark.slow

LOOPS = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


@cache
def told(loop: str) -> dict[str, list[str]]:
    """Return the tasks that were told of each program; they run one after another in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.leak_driver", loop],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@LOOPS
@pytest.mark.parametrize("program", [each.__name__ for each in stuck_programs.PROGRAMS])
def test_a_task_that_nobody_can_wake_is_told(loop: str, program: str) -> None:
    assert set(told(loop)[program]) == {"stuck"}


@LOOPS
@pytest.mark.parametrize("program", [each.__name__ for each in healthy_programs.PROGRAMS])
def test_a_task_that_somebody_can_wake_is_not(loop: str, program: str) -> None:
    assert told(loop)[program] == []


def test_a_told_task_has_the_stack_and_labels_that_tasks_has() -> None:
    async def main() -> str:
        await stuck_programs.a_reader_waits_for_a_ticker_that_was_stopped_and_not_closed()
        await settle()
        leaked = LeakedTasks()
        return leaked.text(leaked.snapshot(), debug=1)

    text = asyncio.run(main())
    assert "\ntasks 1 @\n" in text
    assert '"awaits": "Event.wait"' in text
    assert "#\tConnection.read\t" in text
    assert "# 1 of 2 tasks can never go on; " in text


def test_a_difference_tells_the_leaks_that_came_meanwhile() -> None:
    async def main() -> list[int]:
        await stuck_programs.a_future_that_nobody_else_has()
        await settle()
        recording = LeakedTasks().begin()
        for _ in range(3):
            await stuck_programs.a_stream_that_nobody_feeds()
        await settle()
        return [each.values[0] for each in recording.end().samples]

    assert asyncio.run(main()) == [3]


def test_a_program_without_tasks_has_none() -> None:
    assert LeakedTasks().snapshot().samples == ()


def test_looking_leaves_no_process_and_no_descriptor_behind() -> None:
    before = os.listdir("/proc/self/fd")
    LeakedTasks().snapshot()

    assert os.listdir("/proc/self/fd") == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
