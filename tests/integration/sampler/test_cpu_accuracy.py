"""Programs whose split is known: each share is right within 5 points, whoever holds the GIL.

The parts of a program share a machine with whatever else runs, so what is known is measured by the program
itself: each part says how much CPU (or time) its thread used, by the thread's own clock.
"""

from __future__ import annotations

import json

import pytest

from tests.integration.sampler.python import said

pytestmark = pytest.mark.slow

POINTS = 0.05

PARTS = """
import hashlib, json, sys, threading, time
from clearway.pprof.cpu import Cpu, Wall

BLOCK = bytes(1 << 22)
TEXT = json.dumps([{"id": i, "name": "x" * 20, "tags": ["a", "b"]} for i in range(3000)])
NUMBER = 7 ** 60_000
used = {}

def spend(name, clock, seconds, step):
    begun = clock()
    while clock() - begun < seconds:
        step()
    used[name] = used.get(name, 0) + clock() - begun

def python_code():
    spend("python_code", time.thread_time, 0.6, lambda: sum(i * i for i in range(2000)))
def with_gil():
    spend("with_gil", time.thread_time, 0.5, lambda: NUMBER * NUMBER)
def without_gil():
    spend("without_gil", time.thread_time, 0.9, lambda: hashlib.sha256(BLOCK).digest())
def json_loads():
    spend("json_loads", time.thread_time, 0.4, lambda: json.loads(TEXT))
def sleeping():
    spend("sleeping", time.monotonic, 1.0, lambda: time.sleep(0.2))
def waiting():
    spend("waiting", time.monotonic, 1.5, lambda: done.wait(0.5))

done = threading.Event()
PARTS = (python_code, with_gil, without_gil, json_loads, sleeping, waiting)

def shares(profile):
    found = {part.__name__: 0 for part in PARTS}
    for sample in profile.samples:
        names = {frame.function for frame in sample.stack} & set(found)
        for name in names:
            found[name] += sample.values[1] / 1e9
    return found
"""

ONE_AFTER_THE_OTHER = "\nfor part in PARTS:\n    part()\n"
AT_ONCE = """
threads = [threading.Thread(target=part) for part in PARTS]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def split(work: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return what each part used and what the profile says, as shares of all parts."""
    lines = said(
        f"{PARTS}\nrecording = Cpu().begin()\n{work}\n"
        "profile = recording.end()\nprint(json.dumps([used, shares(profile)]))"
    )
    used, told = json.loads(lines[0])
    used["sleeping"] = used["waiting"] = 0
    return of_all(used), of_all(told)


def of_all(parts: dict[str, float]) -> dict[str, float]:
    return {name: each / sum(parts.values()) for name, each in parts.items()}


@pytest.mark.parametrize("work", [ONE_AFTER_THE_OTHER, AT_ONCE], ids=["one_thread", "a_thread_each"])
def test_cpu_time_is_split_as_the_threads_used_it(work: str) -> None:
    used, told = split(work)

    assert told == pytest.approx(used, abs=POINTS)


def test_wall_time_of_threads_that_sleep_is_the_time_that_passed() -> None:
    lines = said(
        PARTS
        + """
recording = Wall().begin()
threads = [threading.Thread(target=sleeping) for _ in range(4)] + [threading.Thread(target=waiting)]
for thread in threads: thread.start()
for thread in threads: thread.join()
told = shares(recording.end())
print(json.dumps([used, told]))
"""
    )
    used, told = json.loads(lines[0])

    assert told["sleeping"] == pytest.approx(used["sleeping"], rel=POINTS)
    assert told["waiting"] == pytest.approx(used["waiting"], rel=POINTS)


def test_a_thread_that_never_gives_the_gil_up_is_sampled() -> None:
    lines = said(
        PARTS
        + """
sys.setswitchinterval(1000)
recording = Cpu().begin()
thread = threading.Thread(target=with_gil)
thread.start()
thread.join()
python_code()
profile = recording.end()
print(json.dumps([used, shares(profile)]))
"""
    )
    used, told = json.loads(lines[0])

    assert told["with_gil"] == pytest.approx(used["with_gil"], rel=0.1)
    assert told["python_code"] == pytest.approx(used["python_code"], rel=0.1)
