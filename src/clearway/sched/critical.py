"""Sections that must not be interrupted."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

__all__ = ["critical", "is_critical"]

_depth = (
    0  # one preemptive loop for each process, in one thread: nothing runs between the two ends of a section
)


class _Critical(AbstractContextManager[None]):
    __slots__ = ()

    def __enter__(self) -> None:
        global _depth  # noqa: PLW0603 (see `_depth`)
        _depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _depth  # noqa: PLW0603
        _depth -= 1


_CRITICAL = _Critical()


def critical() -> AbstractContextManager[None]:
    """Run a section of preemptible code without interruption: what asyncio promises everywhere.

        with critical():
            stock[item] -= 1
            sold[item] += 1

    It must not await: what other tasks do meanwhile would be uninterrupted too.
    The limit: a long one delays everybody, and is told in the statistics.
    """
    return _CRITICAL


def is_critical() -> bool:
    """Tell whether the running code is in a critical section."""
    return _depth > 0
