# While it records, threading.Thread.start is replaced by one that notes its caller: 5 us beside the 50 and
# more that a thread takes. What nobody noted is told by the difference to what the kernel counts.
"""`threadcreate`: who made the threads."""

from __future__ import annotations

import _thread
import functools
import os
import sys
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from clearway.clock import Clock, wall
from clearway.pprof.profile import Frame, Profile, Sample, ValueType
from clearway.pprof.recording import Between
from clearway.pprof.stacks import Lines, Spot, outward
from clearway.pprof.text import render

__all__ = ["ThreadCreate", "start", "stop"]

_TYPES = (ValueType("created", "count"), ValueType("alive", "count"))
_OURS = "_clearway_site"
_KERNELS_LIST = Path("/proc/self/task")
_BEFORE = (Frame("<started before it was recorded>", "", 0),)
_LOW_LEVEL = (Frame("<started by _thread>", "", 0),)
_NATIVE = (Frame("<not started by Python>", "", 0),)

_Key = tuple[int, ...]


class _Sites:
    """How many threads were made where."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything, in the child of a fork too: its threads are not there."""
        self.spots: dict[_Key, list[Spot]] = {}  # they keep the codes, and so the ids in the keys
        self.created: Counter[_Key] = Counter()
        self.lock = _thread.RLock()

    def add(self, spots: list[Spot]) -> _Key:
        key = tuple(number for code, offset in spots for number in (id(code), offset))
        with self.lock:
            self.spots.setdefault(key, spots)
            self.created[key] += 1
        return key


_SITES = _Sites()
os.register_at_fork(after_in_child=_SITES.begin_anew)


def start() -> None:
    """Record from now on where threads are made; `pprof.start` does so."""
    original = threading.Thread.start
    if hasattr(original, _OURS):
        return

    @functools.wraps(original)
    def start_and_note(self: threading.Thread) -> None:
        original(self)
        # After it, for a thread that could not start is none; and whatever is odd about it, it runs now.
        with suppress(AttributeError):
            vars(self)[_OURS] = _SITES.add(outward(sys._getframe(1)))

    setattr(start_and_note, _OURS, original)
    threading.Thread.start = start_and_note  # type: ignore[method-assign]


def stop() -> None:
    """Record it no longer; what was recorded stays."""
    original = getattr(threading.Thread.start, _OURS, None)
    if original is not None:
        threading.Thread.start = original  # type: ignore[method-assign]


class ThreadCreate:
    """The `threadcreate` profile: by who made them, the threads that were made, and those that are alive.

        threadcreate.start()
        ...
        profile = lookup("threadcreate").snapshot()

    Threads that were there before, that `_thread` started, and that no Python started have their own lines.
    """

    name = "threadcreate"
    description = "Threads, by who made them"
    seconds: float | None = None

    def __init__(self, clock: Clock = wall) -> None:
        self._clock = clock

    def snapshot(self) -> Profile:
        """Return the threads so far."""
        return Profile(
            sample_types=_TYPES,
            samples=(*_noted(), *_others()),
            period_type=ValueType("threads", "count"),
            period=1,
            time_ns=int(self._clock() * 1e9),
            default_sample_type="alive",
            comments=() if hasattr(threading.Thread.start, _OURS) else ("new threads are not recorded",),
        )

    def begin(self) -> Between:
        """Record what is made and what ends from now on."""
        return Between(self.snapshot)

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people."""
        return render(profile, debug)


def _noted() -> list[Sample]:
    lines = Lines()
    alive = Counter(vars(each).get(_OURS) for each in threading.enumerate())
    with _SITES.lock:
        rows = [(_SITES.spots[key], count, alive[key]) for key, count in _SITES.created.items()]
    return [Sample(lines.stack(spots), (count, living)) for spots, count, living in rows]


def _others() -> list[Sample]:
    """Return the threads that nobody noted, as far as there are any."""
    known: list[Any] = threading.enumerate()
    idents = {each.ident for each in known}
    low_level = sum(ident not in idents for ident in sys._current_frames())
    rows = [
        (_BEFORE, sum(_OURS not in vars(each) for each in known)),
        (_LOW_LEVEL, low_level),
        (_NATIVE, _kernels_count() - len(known) - low_level),
    ]
    return [Sample(stack, (count, count)) for stack, count in rows if count > 0]


def _kernels_count() -> int:
    with suppress(OSError):
        return sum(1 for _ in _KERNELS_LIST.iterdir())
    return 0
