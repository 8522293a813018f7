"""Settings of the whole suite."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import settings

from clearway.pprof import current_labels, set_labels
from tests.golden import GOLDEN, Golden

# A busy machine is not a slow function: speed is measured in benchmarks/, never by a property.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# Debian keeps servers where the PATH of an ordinary user does not look.
PROGRAMS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
ASYNC_TEST_S = 120  # an async test that hangs fails before the whole run is ended


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`, which writes the golden files anew."""
    parser.addoption("--update", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def golden(request: pytest.FixtureRequest) -> Golden:
    """The golden files of the conformance tests."""
    return Golden(GOLDEN, update=request.config.getoption("--update"))


@pytest.fixture(autouse=True)
def _labels_of_its_own() -> Iterator[None]:
    """What a pipeline is labelled with when a test calls it ends with the test."""
    before = current_labels()
    yield
    set_labels(before)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked `peers("nginx")` where that program is absent."""
    for marker in item.iter_markers("peers"):
        missing = [program for program in marker.args if shutil.which(program, path=PROGRAMS) is None]
        if missing:
            pytest.skip(f"{', '.join(missing)} not installed; see `make peers`")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test on uvloop, or on what a fixture named `loop_factory` makes.

    What nobody handled fails the test: an exception in a callback, or in a task that nobody awaited.
    """
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    values = pyfuncitem.funcargs
    factory: Callable[[], asyncio.AbstractEventLoop] = values.get("loop_factory", uvloop.new_event_loop)
    arguments = {name: values[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    unhandled: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.get_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
        runner.run(_in_time(pyfuncitem.obj(**arguments)))
    assert unhandled == []
    return True


async def _in_time(test: Awaitable[None]) -> None:
    async with asyncio.timeout(ASYNC_TEST_S):
        await test
