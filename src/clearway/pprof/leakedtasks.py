# The question is answered in reach.py, in a copy of the process that forked.py makes.
"""`leakedtasks`, Go's `goroutineleak`: tasks that wait for what nobody can ever do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clearway.pprof.census import every_task
from clearway.pprof.forked import ask_copy
from clearway.pprof.profile import Profile
from clearway.pprof.reach import stuck
from clearway.pprof.tasks import Lives, Tasks, profile_of

if TYPE_CHECKING:
    from asyncio import Task

__all__ = ["LeakedTasks"]


class LeakedTasks(Tasks):
    """The `leakedtasks` profile: asyncio tasks that can never go on, because nobody is left to wake them.

        leaked = lookup("leakedtasks")
        print(leaked.text(leaked.snapshot(), debug=2))

    A task is told when no running code, timer, socket, thread or other task reaches what it waits for.
    What merely holds the task, such as a set of background tasks, does not count as reaching.
    It looks at every object, in a forked copy of the process.

    The limit: what a module's variables reach can be completed by anybody, and so is not told.
    """

    name = "leakedtasks"
    description = "Tasks that wait for what nobody can ever do"

    def snapshot(self) -> Profile:
        """Return the tasks that can never go on; raise `UnavailableError` where there can be no copy."""
        began = self._ages()
        tasks = every_task()
        waits = [_waits_for(task) for task in tasks]  # numbers: nothing of ours may hold a future
        found, seen = _ask(tasks)
        # What moved in the meantime was not stuck: that would be an error of ours.
        leaked = {id(tasks[place]) for place in found if _waits_for(tasks[place]) == waits[place]}
        lines = [
            line
            for task, line in zip(tasks, Lives(tasks, self._ages).tasks(), strict=True)
            if id(task) in leaked
        ]
        comment = (
            f"{len(leaked)} of {len(tasks)} tasks can never go on; "
            f"{seen} objects were looked at in {self._ages() - began:.1f} s"
        )
        return profile_of(lines, self._clock, (comment,))


def _waits_for(task: Task[Any]) -> int:
    return id(getattr(task, "_fut_waiter", None))


def _ask(tasks: list[Task[Any]]) -> tuple[list[int], int]:
    found, seen = json.loads(ask_copy(lambda kept: json.dumps(stuck(tasks, kept)).encode()))
    return found, seen
