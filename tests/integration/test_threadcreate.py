"""Threads are told by who made them; those that nobody noted are told apart."""

from __future__ import annotations

import _thread
import ctypes
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from clearway.pprof import Profile, threadcreate
from clearway.pprof.threadcreate import ThreadCreate


@pytest.fixture(autouse=True)
def recording() -> Iterator[None]:
    threadcreate._SITES.begin_anew()
    threadcreate.start()
    yield
    threadcreate.stop()


def count(profile: Profile, function: str) -> tuple[int, int]:
    """Return how many threads were made, and are alive, of those whose stack has `function`."""
    found = [each.values for each in profile.samples if any(f.function == function for f in each.stack)]
    return sum(created for created, _ in found), sum(alive for _, alive in found)


def make(several: int, until: threading.Event) -> list[threading.Thread]:
    threads = [threading.Thread(target=until.wait) for _ in range(several)]
    for thread in threads:
        thread.start()
    return threads


def test_threads_are_told_where_they_were_made() -> None:
    over = threading.Event()
    threads = make(3, over)
    during = ThreadCreate().snapshot()
    over.set()
    for thread in threads:
        thread.join()
    after = ThreadCreate().snapshot()

    assert count(during, "make") == (3, 3)
    assert count(after, "make") == (3, 0)
    assert next(each for each in during.samples if each.values == (3, 3)).stack[0].function == "make"


def test_a_pool_is_told_where_its_work_was_handed_in() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        profile = ThreadCreate().snapshot()

    assert count(profile, "ThreadPoolExecutor.submit") == (1, 1)


def test_a_difference_tells_what_came_and_what_went() -> None:
    over = threading.Event()
    threads = make(2, over)
    recording = ThreadCreate().begin()
    over.set()
    for thread in threads:
        thread.join()

    assert count(recording.end(), "make") == (0, -2)


def test_the_main_thread_was_there_before() -> None:
    assert count(ThreadCreate().snapshot(), "<started before it was recorded>")[1] >= 1


def test_a_thread_of_the_low_level_module_has_its_line() -> None:
    started, over = threading.Event(), threading.Event()

    def run() -> None:
        started.set()
        over.wait()

    before = count(ThreadCreate().snapshot(), "<started by _thread>")[1]
    _thread.start_new_thread(run, ())
    started.wait()
    during = count(ThreadCreate().snapshot(), "<started by _thread>")[1]
    over.set()

    assert during == before + 1


def test_a_thread_that_python_does_not_know_has_its_line() -> None:
    before = count(ThreadCreate().snapshot(), "<not started by Python>")[1]
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong()
    pause = ctypes.cast(libc.pause, ctypes.c_void_p)
    assert libc.pthread_create(ctypes.byref(thread), None, pause, None) == 0
    during = count(ThreadCreate().snapshot(), "<not started by Python>")[1]
    libc.pthread_cancel(thread)
    libc.pthread_join(thread, None)

    assert during == before + 1


def test_a_thread_that_cannot_start_is_none() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError):
        thread.start()

    assert sum(each.values[0] for each in ThreadCreate().snapshot().samples if each.stack[0].filename) == 1


def test_off_is_what_was_there_before() -> None:
    threadcreate.start()
    threadcreate.stop()

    assert threading.Thread.start.__module__ == "threading"
    assert not hasattr(threading.Thread.start, "__wrapped__")
    assert ThreadCreate().snapshot().comments == ("new threads are not recorded",)


FORKS = """
import os, threading
from clearway.pprof import threadcreate
threadcreate.start()
over = threading.Event()
for _ in range(2):
    threading.Thread(target=over.wait, daemon=True).start()
child = os.fork()
if child == 0:
    noted = [each for each in threadcreate.ThreadCreate().snapshot().samples if each.stack[0].filename]
    os._exit(len(noted))
assert threadcreate.ThreadCreate().snapshot().samples[0].values == (2, 2)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_begins_without_threads() -> None:
    assert subprocess.run([sys.executable, "-c", FORKS], check=False, timeout=60).returncode == 0
