# Lines that are written by a thread of their own.
#
# Rule 1: who puts a record never waits, for the disk or for a reader of our output. What does not fit into
#         the queue is dropped, counted, and said in the log itself.
# Rule 2: the thread works in short turns. It holds the interpreter's lock while it formats; the event loop
#         would wait up to 5 ms for it (sys.getswitchinterval) if it formatted a thousand lines at once.
#
# Theory of operation
# -------------------
# `put` appends to a deque, which needs no lock. It sets the event only if the thread is asleep: that costs
# 1 us, once per batch. The thread waits a moment for more to come, then drains in turns of TURN lines with a
# pause of PAUSE_S between them.
"""Lines written off the event loop, by a thread that drains a bounded queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

from clearway.plug.plugs.parts.log_sinks import LineSink

__all__ = ["LineWriter", "Starter"]

R = TypeVar("R")
Starter = Callable[[Callable[[], None]], Callable[[], object]]
"""Starts a function beside us, and returns a function that waits until it has ended."""

TURN = 64  # lines; about 0.2 ms of formatting
PAUSE_S = 0.001
JOIN_S = 5.0  # a reader that does not read must not keep us from stopping


def in_thread(run: Callable[[], None]) -> Callable[[], object]:
    """Start `run` in a daemon thread."""
    thread = Thread(target=run, name="clearway-log", daemon=True)
    thread.start()
    return partial(thread.join, JOIN_S)


class LineWriter(Generic[R]):
    """Turns records into lines and writes them, later and elsewhere.

    Options:
        sink: Where the lines go.
        line: Turns a record into a line.
        dropped_line: Makes the line that says how many records were dropped.
        max_pending: Records that may wait.
        gather_s: How long the thread waits for more records before it writes.
        start: Starts the thread, when the first record comes.

    Attributes:
        written: Lines written.
    """

    def __init__(
        self,
        sink: LineSink,
        line: Callable[[R], str],
        dropped_line: Callable[[int], str],
        *,
        max_pending: int,
        gather_s: float,
        start: Starter = in_thread,
    ) -> None:
        self.written = 0
        self._overflowed = 0  # counted by whoever puts
        self._failed = 0  # counted by whoever drains: two threads must not add to one number
        self._sink = sink
        self._line = line
        self._dropped_line = dropped_line
        self._max_pending = max_pending
        self._gather_s = gather_s
        self._start = start
        self._join: Callable[[], object] | None = None
        self._pending: deque[R] = deque()
        self._is_awake = False
        self._wanted = Event()
        self._closing = Event()
        self._draining = Lock()
        self._told = 0  # of those dropped

    def put(self, record: R) -> None:
        """Queue `record`; drop and count it if the queue is full."""
        if len(self._pending) >= self._max_pending:
            self._overflowed += 1
            return
        self._pending.append(record)
        if not self._is_awake:
            self._wake()

    @property
    def pending(self) -> int:
        """How many records wait."""
        return len(self._pending)

    @property
    def dropped(self) -> int:
        """How many records did not fit into the queue, or were not taken by the sink."""
        return self._overflowed + self._failed

    def flush(self) -> None:
        """Write, in the caller's thread, all that waits."""
        while self._drain_turn():
            pass
        self._tell_dropped()

    def close(self) -> None:
        """Write all that waits, end the thread and close the sink."""
        self._closing.set()
        self._wanted.set()
        if self._join is not None:
            self._join()
        self.flush()
        self._sink.close()

    def _wake(self) -> None:
        self._is_awake = True
        if self._join is None:
            self._join = self._start(self._run)
        self._wanted.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait()
            self._closing.wait(self._gather_s)
            # In this order: a record that is put in between is either drained below or wakes us again.
            self._wanted.clear()
            self._is_awake = False
            while self._drain_turn():
                self._closing.wait(PAUSE_S)
            self._tell_dropped()

    def _drain_turn(self) -> int:
        with self._draining:
            records = [self._pending.popleft() for _ in range(min(TURN, len(self._pending)))]
            if records and self._write("".join(map(self._line, records))):
                self.written += len(records)
            elif records:
                self._failed += len(records)
            return len(records)

    def _tell_dropped(self) -> None:
        with self._draining:
            missing = self.dropped - self._told
            if missing and self._write(self._dropped_line(missing)):
                self._told += missing

    def _write(self, text: str) -> bool:
        try:
            self._sink.write(text.encode())
        except (OSError, ValueError):  # a full disk, a closed pipe, a closed file
            return False
        return True
