"""Mark coroutines that may be interrupted."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, overload

from clearway.sched.scheduler import active

__all__ = ["preemptible"]

P = ParamSpec("P")
T = TypeVar("T")


@overload
def preemptible(work: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]: ...
@overload
def preemptible(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]: ...
def preemptible(work: Any) -> Any:
    """Let a coroutine, or each one that a function makes, be interrupted between its awaits.

        @preemptible
        async def report(year: int) -> str: ...

        await preemptible(summary())

    Only code in the modules that the `Scheduler` was given is interrupted. Where no scheduler runs, the
    coroutine is returned as it is.
    """
    if callable(work) and not isinstance(work, Coroutine):

        @functools.wraps(work)
        def made(*args: Any, **kwargs: Any) -> Any:
            return preemptible(work(*args, **kwargs))

        return made
    scheduler = active()
    return work if scheduler is None else scheduler.preemptible(work)
