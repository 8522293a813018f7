# Who is there stands in census.py, stacks in stacks.py, what they wait for in waits.py, who waits for whom in
# awaiting.py, and where a task was made in births.py.
"""`tasks`, Go's `goroutine`: every task, thread and greenlet, by what it is doing."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from clearway.clock import Clock, monotonic, wall
from clearway.pprof.awaiting import awaiters, upward
from clearway.pprof.births import birth_of, start, stop
from clearway.pprof.census import every_greenlet, every_task, every_thread, running_tasks
from clearway.pprof.label import labels_in
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.recording import Between
from clearway.pprof.stacks import Lines, Spot, outward, spots
from clearway.pprof.text import render
from clearway.pprof.waits import RUNNING, WAITING, awaited, state

if TYPE_CHECKING:
    from asyncio import Task

__all__ = ["Line", "Lives", "TaskProfile", "Tasks", "profile_of", "record_created_sites"]

_COUNT = ValueType("tasks", "count")
_IN_FULL = 2
# Ages in groups: exact ones would make each task a group of its own.
_AGES = ((1, "under 1 s"), (60, "under 1 min"), (600, "under 10 min"), (3600, "under 1 h"))
_OLDEST = "1 h or more"


def record_created_sites(on: bool) -> None:
    """Record for each task from now on when and where it is made, or record it no longer.

        from clearway.pprof import tasks

        tasks.record_created_sites(True)

    A task takes about 2 us longer to make, and 430 to 610 bytes more while it lives. It imports asyncio.
    Raises `UnavailableError` on 3.14, where tasks are made unseen.
    """
    start() if on else stop()


class Line(NamedTuple):
    """One task, thread or greenlet.

    Attributes:
        kind: `task`, `thread` or `greenlet`.
        name: Its own name.
        state: `running`, `ready` or `waiting`; threads have none.
        awaits: What a task waits for, or an empty string.
        stack: Leaf first; a task's goes on through those who await it.
        labels: The labels of its context.
        age_s, created: Since when and where it was made, if that was recorded.
    """

    kind: str
    name: str
    state: str
    awaits: str
    stack: tuple[Frame, ...]
    labels: tuple[tuple[str, str], ...] = ()
    age_s: float | None = None
    created: Frame | None = None


@dataclass(frozen=True, slots=True)
class TaskProfile(Profile):
    """A profile of a moment that also knows each task by itself, for `debug=2`."""

    lines: tuple[Line, ...] = ()


class Tasks:
    """The `tasks` profile: asyncio tasks of all loops, threads and suspended greenlets.

        tasks = lookup("tasks")
        print(tasks.text(tasks.snapshot(), debug=2))

    Samples are groups of equal stacks and labels. Labels are those of the task's context, and `kind`,
    `state`, `awaits`, for threads `thread` (the name without numbers), and after `record_created_sites`
    `created` and `age`.
    """

    name = "tasks"
    description = "Every task, thread and greenlet, by what it is doing"
    seconds: float | None = None

    def __init__(self, clock: Clock = wall, ages: Clock = monotonic) -> None:
        self._clock = clock
        self._ages = ages

    def snapshot(self) -> Profile:
        """Return what each is doing now."""
        lives = Lives(every_task(), self._ages)
        lines = [*lives.tasks(), *lives.threads(), *lives.greenlets()]
        return profile_of(lines, self._clock)

    def begin(self) -> Between:
        """Record what is added from now on."""
        return Between(self.snapshot)

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people: groups with counts, or with 2 each one by itself."""
        if debug >= _IN_FULL and isinstance(profile, TaskProfile) and not profile.duration_ns:
            return "\n".join(each for line in profile.lines for each in _in_full(line))
        return render(profile, debug)


def profile_of(lines: Iterable[Line], clock: Clock, comments: tuple[str, ...] = ()) -> TaskProfile:
    """Return the profile of these tasks and threads: equal ones are one sample."""
    lines = tuple(lines)
    groups = Counter((line.stack, tuple(_labels(line))) for line in lines)
    return TaskProfile(
        sample_types=(_COUNT,),
        samples=tuple(Sample(stack, (count,), labels) for (stack, labels), count in groups.items()),
        period_type=_COUNT,
        period=1,
        time_ns=int(clock() * 1e9),
        comments=comments,
        lines=lines,
    )


class Lives:
    """Reads what tasks and threads do in one moment.

    Options:
        tasks: Those to look at.
        clock: By which births were recorded.
    """

    def __init__(self, tasks: list[Task[Any]], clock: Clock = monotonic) -> None:
        self._tasks = tasks
        self._threads = every_thread()
        self._now = clock()
        self._above = awaiters(tasks)
        self._running = {id(each) for each in running_tasks()}
        self._lines = Lines()

    def tasks(self) -> Iterator[Line]:
        """Give each task."""
        for task in self._tasks:
            coroutine = task.get_coro()
            doing = state(task, self._running)
            own = self._on_a_thread(coroutine) if doing == RUNNING else spots(coroutine)
            yield self._line(task, doing, own)

    def threads(self) -> Iterator[Line]:
        """Give each thread; one that runs a loop shows the running task's frames too."""
        for thread in self._threads:
            yield Line("thread", thread.name, "", "", self._lines.stack(thread.stack))

    def greenlets(self) -> Iterator[Line]:
        """Give each suspended greenlet."""
        for each in every_greenlet():
            name = getattr(each, "name", "") or type(each).__qualname__
            yield Line("greenlet", name, WAITING, "", self._lines.stack(outward(each.gr_frame)))

    def _line(self, task: Task[Any], doing: str, own: list[Spot]) -> Line:
        found = own + [spot for one in upward(task, self._above) for spot in spots(one.get_coro())]
        born = birth_of(task)
        return Line(
            kind="task",
            name=task.get_name(),
            state=doing,
            awaits=awaited(task, own) if doing == WAITING else "",
            stack=self._lines.stack(found),
            labels=_labels_of(task),
            age_s=None if born is None else self._now - born.at,
            created=None if born is None else self._lines.frame(born.code, born.offset),
        )

    def _on_a_thread(self, coroutine: Any) -> list[Spot]:
        """Return where a running task is: from its thread's leaf to the coroutine's own frame."""
        outermost = id(getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None))
        for thread in self._threads:
            if outermost in thread.frames:
                return thread.stack[: thread.frames.index(outermost) + 1]
        return spots(coroutine)


def _labels_of(task: Task[Any]) -> tuple[tuple[str, str], ...]:
    context = _context(task)
    return () if context is None else labels_in(context)


def _context(task: Any) -> Context | None:
    """Return the context of a task; 3.11 has no method for it, but the collector knows what a task holds."""
    if hasattr(task, "get_context"):
        found: Context = task.get_context()
        return found
    return next((each for each in gc.get_referents(task) if isinstance(each, Context)), None)


def _labels(line: Line) -> Iterator[Label]:
    yield from (Label(key, value) for key, value in line.labels)
    yield Label("kind", line.kind)
    if line.kind == "thread":
        yield Label("thread", _family(line.name))
    if line.state:
        yield Label("state", line.state)
    if line.awaits:
        yield Label("awaits", line.awaits)
    if line.created is not None:
        yield Label("created", _place(line.created))
    if line.age_s is not None:
        yield Label("age", next((text for below, text in _AGES if line.age_s < below), _OLDEST))


def _family(thread: str) -> str:
    """Return a thread's name without numbers: `Thread-7 (serve)` and `Thread-8 (serve)` are one group."""
    return re.sub(r"[-_ ]*\d+", "", thread) or thread


def _place(frame: Frame) -> str:
    return f"{frame.function} {frame.filename}:{frame.line}"


def _in_full(line: Line) -> Iterator[str]:
    """Give one task as Go's `debug=2` has a goroutine."""
    doing = ": ".join(filter(None, (line.state, line.awaits)))
    facts = ", ".join(filter(None, (doing, "" if line.age_s is None else f"{line.age_s:.0f} s")))
    yield f'{line.kind} "{line.name}"' + (f" [{facts}]:" if facts else ":")
    yield from (f"# {key}: {value}" for key, value in line.labels)
    for frame in line.stack:
        yield frame.function
        yield f"\t{frame.filename}:{frame.line}"
    if line.created is not None:
        yield f"created by {line.created.function}"
        yield f"\t{line.created.filename}:{line.created.line}"
    yield ""
