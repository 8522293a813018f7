"""CPU time of tasks goes on through those who await them, each way to await, right within 5 points."""

from __future__ import annotations

import json

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, json, time
import uvloop
from clearway.pprof.cpu import Cpu

used = {}

async def spend(name, seconds):
    for _ in range(int(seconds / 0.02)):
        begun = time.thread_time()
        while time.thread_time() - begun < 0.02:
            pass
        used[name] = used.get(name, 0) + time.thread_time() - begun
        await asyncio.sleep(0)

async def by_await(): await asyncio.create_task(spend("by_await", 0.5))
async def by_gather(): await asyncio.gather(spend("by_gather", 0.4), spend("by_gather", 0.4))
async def by_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(spend("by_group", 0.6))
async def by_wait(): await asyncio.wait([asyncio.create_task(spend("by_wait", 0.3))])
async def by_wait_for(): await asyncio.wait_for(asyncio.create_task(spend("by_wait_for", 0.5)), 100)
async def by_shield(): await asyncio.shield(spend("by_shield", 0.7))

PARTS = (by_await, by_gather, by_group, by_wait, by_wait_for, by_shield)

async def main():
    await asyncio.gather(*(part() for part in PARTS))

recording = Cpu().begin()
RUN(main())
profile = recording.end()
told = {part.__name__: 0 for part in PARTS}
for sample in profile.samples:
    for name in {frame.function for frame in sample.stack} & set(told):
        told[name] += sample.values[1] / 1e9
print(json.dumps([used, told]))
"""


@pytest.mark.parametrize("run", ["asyncio.run", "uvloop.run"])
def test_the_time_of_a_task_is_its_awaiters(run: str) -> None:
    used, told = json.loads(said(PROGRAM.replace("RUN", run))[0])

    whole = sum(used.values())
    assert {name: each / whole for name, each in told.items()} == pytest.approx(
        {name: each / whole for name, each in used.items()}, abs=0.05
    )
    assert sum(told.values()) == pytest.approx(whole, rel=0.1)


def test_a_signals_handler_that_raises_while_awaiters_are_asked_is_heard() -> None:
    lines = said(
        """
        import asyncio, signal, time
        from clearway.pprof import _sampler, cpu

        class Ended(BaseException): pass
        def handler(*_): raise Ended
        signal.signal(signal.SIGUSR1, handler)

        raised = []
        def asked():
            if not raised:
                raised.append(True)
                signal.raise_signal(signal.SIGUSR1)

        async def main():
            end = time.monotonic() + 20
            while time.monotonic() < end: pass

        recording = cpu.Cpu(hz=1000).begin()
        _sampler.resolve_awaiters_with(asked)
        try:
            asyncio.run(main())
        except Ended:
            print("ended")
        recording.end()
        """
    )

    assert lines == ["ended"]
