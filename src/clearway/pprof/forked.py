# Questions about the whole heap are asked of a copy of the process, as Redis writes its snapshots: the copy
# stands still while it is looked at, and the service goes on.
#
# The copy is no child like others. It closes every descriptor at once (a connection that the service closes
# would stay open otherwise), blocks signals, collects no garbage (finalisers would talk to the world), is the
# first that the kernel kills for want of memory, and ends without any clean-up. What else runs in a forked
# child asks `is_copy()` and leaves it alone.
#
# Only the thread that forks lives on in the copy. Python drops what the states of the others hold, their
# locals and contexts, so those are kept and handed to the question. Their frames stay in memory as they are,
# and what they refer to stays.
"""Asking a copy of this process."""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from clearway.clock import Clock, monotonic
from clearway.pprof import _sampler
from clearway.pprof.errors import UnavailableError

__all__ = ["Question", "ask_copy", "is_copy"]

Question = Callable[[list[object]], bytes]
"""What is asked: it is given what threads hold that is seen nowhere else."""

_NICENESS = 10
_MOST_READ = 1 << 16

_one_at_a_time = threading.Lock()
_asking: set[int] = set()  # the thread that makes a copy, while it does


def is_copy() -> bool:
    """Tell whether this process is such a copy: for what runs in forked children."""
    return threading.get_ident() in _asking


def ask_copy(question: Question, timeout_s: float = 120.0, clock: Clock = monotonic) -> bytes:
    """Return what `question` returns in a copy of this process.

        count = int(ask_copy(lambda kept: b"%d" % len(gc.get_objects())))

    It is given what the states of threads hold.
    The calling thread waits; others stand still while the kernel copies the page tables, about 10 ms for
    each gigabyte. The copy needs memory for each page that it or the service then touches.
    Raises `UnavailableError` if there can be no copy, it fails, or it takes longer than `timeout_s`.
    """
    with _one_at_a_time:
        source, sink = os.pipe()
        try:
            pid = _fork(question, sink, timeout_s)
        finally:
            os.close(sink)
        try:
            answer = _read(source, clock() + timeout_s, clock)
        finally:
            os.close(source)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)  # nothing, if it has ended
            status = _wait(pid)
    if not answer or status:
        raise UnavailableError(f"the copy of the process that was to look failed (status {status})")
    return answer[:-1]


def _fork(question: Question, sink: int, timeout_s: float) -> int:
    warnings.filterwarnings(  # the copy takes no lock that a thread may have held: it only looks
        "ignore", message=".*fork", category=DeprecationWarning, module="clearway.pprof.forked"
    )
    collects = gc.isenabled()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    _asking.add(threading.get_ident())
    gc.disable()
    try:
        kept = _sampler.held_by_threads()
        pid = os.fork()
        if pid == 0:
            _answer(partial(question, kept), sink, timeout_s)
    except OSError as error:
        raise UnavailableError(f"this process cannot be copied: {error.strerror}") from error
    finally:
        _asking.clear()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if collects:
            gc.enable()
    return pid


def _answer(question: Callable[[], bytes], sink: int, timeout_s: float) -> None:
    """Answer and end, in the copy."""
    status = 1
    try:
        os.closerange(0, sink)
        os.closerange(sink + 1, os.sysconf("SC_OPEN_MAX"))
        _stand_back(timeout_s)
        # One byte more, to tell an empty answer from none.
        answer = memoryview(question() + b".")
        while answer:
            answer = answer[os.write(sink, answer) :]
        status = 0
    finally:
        os._exit(status)


def _stand_back(timeout_s: float) -> None:
    """Let the service go first, and end in time if nobody is there to end us."""
    seconds = int(timeout_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(_NICENESS)
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


def _read(source: int, until: float, clock: Clock) -> bytes:
    """Return all that comes, or nothing if it is not all there in time."""
    parts: list[bytes] = []
    poll = select.poll()
    poll.register(source, select.POLLIN)
    while poll.poll(max(until - clock(), 0) * 1000):
        part = os.read(source, _MOST_READ)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return b""


def _wait(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:  # somebody waits for all children of this process, and was faster
        return 0
