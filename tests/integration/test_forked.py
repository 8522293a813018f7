"""A copy of the process answers a question, touches nothing, and is gone."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time

import pytest

from clearway.pprof.errors import UnavailableError
from clearway.pprof.forked import ask_copy, is_copy


def test_a_copy_answers() -> None:
    here = os.getpid()

    assert ask_copy(lambda kept: str(os.getppid()).encode()) == str(here).encode()


def test_an_empty_answer_is_one() -> None:
    assert ask_copy(lambda kept: b"") == b""


def test_a_long_answer_comes_whole() -> None:
    assert len(ask_copy(lambda kept: b"x" * 5_000_000)) == 5_000_000


def test_the_copy_knows_that_it_is_one_and_the_process_that_it_is_none() -> None:
    assert ask_copy(lambda kept: b"yes" if is_copy() else b"no") == b"yes"
    assert not is_copy()


def test_the_copy_does_not_collect_and_the_process_goes_on_collecting() -> None:
    assert ask_copy(lambda kept: b"%d" % gc.isenabled()) == b"0"
    assert gc.isenabled()


def test_the_copy_takes_no_signal_and_the_process_goes_on_taking_them() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def blocked(kept: list[object]) -> bytes:
        return b"%d" % (signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ()))

    assert ask_copy(blocked) == b"1"
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_a_connection_that_is_closed_meanwhile_is_closed_for_the_other_side() -> None:
    ours, theirs = socket.socketpair()

    def look(kept: list[object]) -> bytes:
        time.sleep(1)
        return b"."

    asking = threading.Thread(target=ask_copy, args=(look,))
    asking.start()
    time.sleep(0.2)
    ours.close()
    theirs.settimeout(0.5)
    assert theirs.recv(1) == b""
    theirs.close()
    asking.join()


def test_what_threads_hold_is_handed_over() -> None:
    local = threading.local()
    ready, over = threading.Event(), threading.Event()

    class Kept:
        pass

    def hold() -> None:
        local.kept = Kept()
        ready.set()
        over.wait()

    def survives(kept: list[object]) -> bytes:
        return b"%d" % any(type(each) is Kept for each in gc.get_objects())

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait()
    try:
        assert ask_copy(survives) == b"1"
    finally:
        over.set()
        thread.join()


def test_a_copy_that_fails_is_told() -> None:
    def fail(kept: list[object]) -> bytes:
        os._exit(3)

    with pytest.raises(UnavailableError, match="status 3"):
        ask_copy(fail)


@pytest.mark.slow
def test_a_copy_that_takes_too_long_is_ended() -> None:
    with pytest.raises(UnavailableError):
        ask_copy(lambda kept: time.sleep(60) or b"", timeout_s=0.3)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
