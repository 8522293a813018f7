# The safe-point predicate. asyncio promises that nothing runs between two awaits, and libraries depend on it;
# so only code whose owner declared it preemptible is ever interrupted there.
#
# From the interrupted frame outward to the first coroutine, every frame has to be declared code, called
# from Python. A frame that C called stands inside an operation that C has half done: while list.sort calls
# a key function the list is empty for everybody else. The coroutines further out stand at an await, where
# anything may run by their own contract. Stackless has the same rule (its nesting level), Go one like it
# (async-safe points).
"""Where a task may be interrupted."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from types import FrameType

from clearway.sched._nesting import entered_from_c
from clearway.sched.errors import SchedOptionError

__all__ = ["PURE_MODULES", "SafePoints"]

PURE_MODULES = frozenset(
    ["bisect", "copy", "difflib", "fractions", "heapq", "html", "json", "statistics", "string", "textwrap"]
)
"""Modules of the standard library that share no state between two calls: preemptible below declared code."""

_NEVER = frozenset(
    ["asyncio", "concurrent", "gc", "greenlet", "importlib", "logging", "queue", "threading", "uvloop"]
)
_COROUTINE = inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE | inspect.CO_ASYNC_GENERATOR


class SafePoints:
    """Tell whether a task may be interrupted where it is.

        points = SafePoints(["shop"])
        points.refusal(sys._getframe())  # "in json.dumps", or None where it is safe

    Options:
        modules: Names of modules and packages whose owner declared them preemptible; what is below is too.

    Raises `SchedOptionError` for modules that must never be interrupted, such as `logging` or `threading`.
    """

    def __init__(self, modules: Iterable[str]) -> None:
        declared = frozenset(modules)
        for name in declared:
            if not all(part.isidentifier() for part in name.split(".")):
                raise SchedOptionError(f"{name!r} is no name of a module")
            if name.partition(".")[0] in _NEVER:
                raise SchedOptionError(
                    f"{name!r} can never be preempted: its locks and queues are not made for it"
                )
        self.modules = declared
        self._allowed = declared | PURE_MODULES

    def refusal(self, frame: FrameType | None) -> str | None:
        """Return why the task must not be interrupted at `frame`, or None where it is safe."""
        if _is_traced():
            return "a debugger or a coverage tool is at work"
        while frame is not None:
            if not self._is_allowed(frame.f_globals.get("__name__")):
                return f"in {frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
            if frame.f_code.co_flags & _COROUTINE:
                return None
            if entered_from_c(frame):
                return f"in C that called {frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
            frame = frame.f_back
        return "outside of any coroutine"

    def _is_allowed(self, module: object) -> bool:
        name = str(module)
        while name not in self._allowed:
            name, dot, _ = name.rpartition(".")
            if not dot:
                return False
        return True


def _is_traced() -> bool:
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # from 3.12 on
    if monitoring is None:
        return False
    return any(monitoring.get_tool(each) for each in (monitoring.DEBUGGER_ID, monitoring.COVERAGE_ID))
