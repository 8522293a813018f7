"""Both event loops, for tests that must hold on each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

Run = Callable[[Coroutine[Any, Any, Any]], Any]

both_loops = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


async def settle(turns: int = 5) -> None:
    """Let every task run until it waits."""
    for _ in range(turns):
        await asyncio.sleep(0)
