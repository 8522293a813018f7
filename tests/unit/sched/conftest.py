"""Each loop, with a scheduler that may interrupt the test's file."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.unit.sched.forced import LOOPS, Forced, loop_of

Test = Callable[[Forced], Coroutine[Any, Any, Any]]
Run = Callable[[Test], Any]


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    """Run a test's coroutine on each loop."""

    def in_loop(test: Test) -> Any:
        async def main() -> Any:
            return await test(Forced(request.module.__name__))

        with loop_of(request.param) as runner:
            return runner.run(main())

    return in_loop
