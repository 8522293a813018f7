# How threads are sampled stands in _native/cpu.h.
"""`profile` and `wall`: where CPU time goes, and where threads are while time passes."""

from __future__ import annotations

import errno
import struct
import threading

from clearway.clock import Clock, wall
from clearway.pprof import _sampler
from clearway.pprof.awaiting import who_awaits
from clearway.pprof.errors import BadParameterError, ProfileInUseError, UnavailableError
from clearway.pprof.numbered import Numbered
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.text import render

__all__ = ["HZ", "Cpu", "Wall"]

HZ = 100
"""Samples a second: Go's rate."""

_BUCKET = struct.Struct("=IIQQQ")
_LOST = (Frame("<lost samples>", "", 0),)


class Cpu:
    """The `profile` profile: CPU time of all threads, by stack, labels and thread.

        recording = lookup("profile").begin()
        work()
        profile = recording.end()

    A thread is sampled after each 10 ms of CPU that it used, whether or not it gives the GIL up.
    The stack of a task goes on through the tasks that await it, where its loop runs in the main thread.
    Threads that Python does not know are one line, `<no Python frame>`.
    It uses SIGPROF; a program that does so itself is refused with `UnavailableError`.

    Options:
        hz: Samples a second of CPU time, 1 to 1,000.
    """

    name = "profile"
    description = "CPU time of all threads, recorded over a time"
    seconds: float | None = 30.0
    value_type = ValueType("cpu", "nanoseconds")
    _clock_number = _sampler.CPU

    def __init__(self, hz: int = HZ, clock: Clock = wall) -> None:
        if not 1 <= hz <= 1000:
            raise BadParameterError(f"a rate is 1 to 1,000 samples a second, not {hz}")
        self.hz = hz
        self._clock = clock

    def snapshot(self) -> Profile:
        """Raise `BadParameterError`: time is recorded, it has no snapshot."""
        raise BadParameterError(
            f"{self.name} is recorded over a time", hint=f"ask for seconds, as in {self.name}?seconds=10"
        )

    def begin(self) -> Clocked:
        """Start recording; raise `ProfileInUseError` while somebody else records it."""
        return Clocked(self, self._clock_number, self._clock)

    def text(self, profile: Profile, debug: int) -> str:
        """Return `profile` for people."""
        return render(profile, debug)


class Wall(Cpu):
    """The `wall` profile: where every thread is while time passes, running or not.

    A thread that sleeps is interrupted once and then counted as sleeping there for as long as its CPU clock
    stands still.
    """

    name = "wall"
    description = "Wall time of all Python threads, recorded over a time"
    value_type = ValueType("wall", "nanoseconds")
    _clock_number = _sampler.WALL


class Clocked:
    """A recording of CPU or wall time (a `Recording`)."""

    def __init__(self, kind: Cpu, number: int, clock: Clock) -> None:
        self._kind = kind
        self._number = number
        self._clock = clock
        self._began = clock()
        self._threads = _thread_names()
        _sampler.resolve_awaiters_with(who_awaits)
        try:
            self._recording = _sampler.clock_start(number, kind.hz)
        except BlockingIOError as error:
            raise ProfileInUseError(
                f"{kind.name} is being recorded already, and only one recording can run"
            ) from error
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise UnavailableError(f"threads cannot be sampled here: {error.strerror}") from error
            raise UnavailableError(
                "something else in this process handles SIGPROF", hint="stop the other profiler first"
            ) from error
        except RuntimeError as error:
            raise UnavailableError(f"threads cannot be sampled: {error}") from error

    @property
    def is_running(self) -> bool:
        """Tell whether it records; it does not in the child of a fork."""
        return _sampler.clock_recording(self._number) == self._recording

    def end(self) -> Profile:
        """Stop, and return where time went."""
        buckets, lost, unwatched = self._stop()
        now = self._clock()
        samples = _samples(buckets, self._threads | _thread_names())
        if lost:
            samples.append(Sample(_LOST, (lost, 0)))
        return Profile(
            sample_types=(ValueType("samples", "count"), self._kind.value_type),
            samples=tuple(samples),
            period_type=self._kind.value_type,
            period=round(1e9 / self._kind.hz),
            time_ns=int(self._began * 1e9),
            duration_ns=int((now - self._began) * 1e9),
            default_sample_type=self._kind.value_type.type,
            comments=_missing(lost, unwatched),
        )

    def cancel(self) -> None:
        """Stop, and forget what was recorded."""
        self._stop()

    def _stop(self) -> tuple[bytes, int, int]:
        return _sampler.clock_stop(self._number, self._recording)


def _missing(lost: int, unwatched: int) -> tuple[str, ...]:
    """Say what a recording does not hold."""
    comments = []
    if lost:
        comments.append(f"{lost} samples were lost: no memory to keep them")
    if unwatched:
        comments.append(f"{unwatched} threads were not sampled: too many, or no timers for them")
    return tuple(comments)


def _thread_names() -> dict[int, str]:
    return {each.native_id: each.name for each in threading.enumerate() if each.native_id is not None}


def _samples(buckets: bytes, names: dict[int, str]) -> list[Sample]:
    numbered = Numbered(_sampler.cpu_tables)
    return [
        Sample(
            numbered.stack(stack),
            (count, ns),
            (*numbered.labels(labels), Label("thread", names.get(thread, str(thread)))),
        )
        for stack, labels, thread, count, ns in _BUCKET.iter_unpack(buckets)
    ]
