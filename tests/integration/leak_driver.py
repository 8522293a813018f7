"""Runs each program on a loop of its own and writes, as JSON, the names of the tasks that `leakedtasks` told.

python -m tests.integration.leak_driver asyncio|uvloop [PROGRAM ...]
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable

import uvloop

from clearway.pprof.leakedtasks import LeakedTasks
from clearway.pprof.tasks import TaskProfile
from tests.integration import healthy_programs, stuck_programs

RUNS = {"asyncio": asyncio.run, "uvloop": uvloop.run}
PROGRAMS = {each.__name__: each for each in [*stuck_programs.PROGRAMS, *healthy_programs.PROGRAMS]}


async def told(program: Callable[[], Awaitable[None]]) -> list[str]:
    await program()
    await asyncio.sleep(0.01)
    gc.collect()  # what garbage refers to is not told
    profile = LeakedTasks().snapshot()
    assert isinstance(profile, TaskProfile)
    return sorted(line.name for line in profile.lines)


def main() -> None:
    loop, *wanted = sys.argv[1:]
    found = {name: RUNS[loop](told(PROGRAMS[name])) for name in wanted or PROGRAMS}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
