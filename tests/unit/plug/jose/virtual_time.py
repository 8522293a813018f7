"""An event loop whose time jumps to the next timer: hours pass in no time, and nothing sleeps."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

__all__ = ["now", "pass_time", "run"]


class _Jumping(selectors.SelectSelector):
    time = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "everybody waits, and for nothing"
        self.time += max(timeout, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run `main` in a loop of virtual time that begins at 0."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(main)


def now() -> float:
    """Return the running loop's virtual time, or 0 outside of any."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0


async def pass_time(seconds: float) -> None:
    """Return when `seconds` have passed and what was due has run."""
    loop = asyncio.get_running_loop()
    reached = loop.create_future()
    loop.call_later(seconds, reached.set_result, None)
    await reached
    for _ in range(10):
        await asyncio.sleep(0)
