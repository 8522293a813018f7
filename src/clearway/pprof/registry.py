"""Profiles by name."""

from __future__ import annotations

import os
import threading
from importlib import import_module

from clearway.pprof.collector import Collector
from clearway.pprof.errors import BadParameterError

__all__ = ["lookup", "names", "register"]

# Where each one is made; imported when it is first asked for, so that a service pays for what it uses.
_BUILT_IN = {
    "allocs": "clearway.pprof.heap:Allocs",
    "block": "clearway.pprof.block:Block",
    "heap": "clearway.pprof.heap:Heap",
    "leakedtasks": "clearway.pprof.leakedtasks:LeakedTasks",
    "mutex": "clearway.pprof.mutex:Mutex",
    "profile": "clearway.pprof.cpu:Cpu",
    "tasks": "clearway.pprof.tasks:Tasks",
    "threadcreate": "clearway.pprof.threadcreate:ThreadCreate",
    "wall": "clearway.pprof.cpu:Wall",
}
# Go's names, for tools that ask for them.
_ALIASES = {"goroutine": "tasks", "goroutineleak": "leakedtasks"}

_made: dict[str, Collector] = {}
_making = threading.Lock()


def _begin_anew() -> None:
    """Forget the built-in collectors in a forked child: what they knew of threads is not true there."""
    _making._at_fork_reinit()  # type: ignore[attr-defined]  # as threading does with its own: it may be held
    for name in _BUILT_IN:
        _made.pop(name, None)


os.register_at_fork(after_in_child=_begin_anew)


def lookup(name: str) -> Collector:
    """Return the profile called `name`.

        from clearway import pprof

        heap = pprof.lookup("heap").snapshot()

    `goroutine` is another name of `tasks`. Raises `BadParameterError` if there is none of that name.
    """
    name = _ALIASES.get(name, name)
    with _making:
        if name not in _made:
            if name not in _BUILT_IN:
                raise BadParameterError(f"there is no profile {name!r}", hint=f"one of {', '.join(names())}")
            module, _, kind = _BUILT_IN[name].partition(":")
            made: Collector = getattr(import_module(module), kind)()
            _made[name] = made
        return _made[name]


def register(collector: Collector) -> None:
    """Serve a profile of yours beside the built-in ones; raise `BadParameterError` if its name is taken."""
    with _making:
        if collector.name in names():
            raise BadParameterError(f"there is a profile {collector.name!r} already")
        _made[collector.name] = collector


def names() -> list[str]:
    """Return the names of all profiles, sorted."""
    return sorted({*_BUILT_IN, *_made})
