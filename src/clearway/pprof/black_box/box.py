# The black box: what a process held, on the disk, before the kernel kills it.
#
# Theory of operation
# -------------------
# A thread looks where memory stands, every 100 ms and near the mark every 10. Every minute it writes the heap
# into a ring of files, so that even a death without warning leaves something. At the mark it writes heap,
# tasks and a page of text into a folder, whose name loses its ".part" when everything in it is on the disk.
#
# Memory may be gone by then. So: everything needed is imported and was used once, the descriptor that is read
# is open, and a reserve of memory is let go first. While the profiles are made, the thread keeps the GIL (a
# long switch interval), so that whoever fills the memory stands still for that while; when it waits for the
# disk, which gives the GIL up, a short interval brings it back soon.
"""The black box: what a process held, on the disk, before the kernel kills it."""

from __future__ import annotations

import atexit
import logging
import mmap
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from clearway.clock import Clock, monotonic, wall
from clearway.pprof.black_box.files import sync_folder, write_whole
from clearway.pprof.black_box.folders import remove_folder, stamp
from clearway.pprof.black_box.gauge import Gauge, Reading
from clearway.pprof.black_box.mark import Mark
from clearway.pprof.black_box.summary import summary
from clearway.pprof.collector import Collector
from clearway.pprof.profile import Profile
from clearway.pprof.web.unpatched import unpatched

__all__ = ["BlackBox", "BlackBoxStatistics"]

ASIDE_S, BACK_S = 10.0, 0.0005  # switch intervals: nobody else runs; we run again soon
MOST_WRITINGS = 5

if TYPE_CHECKING:
    from _thread import allocate_lock, start_new_thread
else:
    allocate_lock = unpatched("_thread", "allocate_lock")
    start_new_thread = unpatched("_thread", "start_new_thread")

log = logging.getLogger("clearway.pprof")


class BlackBoxStatistics(NamedTuple):
    """What a black box has done.

    Attributes:
        share: Where memory stood when it last looked, as a share of the limit.
        ring: Profiles in the ring.
        written: Times that the mark was reached and everything written.
        failed: Profiles that could not be made or written.
    """

    share: float
    ring: int
    written: int
    failed: int


class BlackBox:
    """Write the heap and the tasks of this process when its memory comes near the limit; see `blackbox`.

    Attributes:
        folder: Where this process writes.
        is_stopped: Whether it records no more.
    """

    def __init__(
        self,
        folder: str,
        mark: Mark,
        gauge: Gauge,
        lookup: Callable[[str], Collector],
        *,
        ring: int,
        ring_s: float,
        reserve_bytes: int,
        settle_s: float = 0.0,
    ) -> None:
        from clearway.pprof.proto import encode

        self.folder = folder
        self._mark, self._gauge, self._lookup, self._encode = mark, gauge, lookup, encode
        self._ring, self._ring_s = deque[str](), ring_s
        self._ring_length, self._made = ring, 0
        self._reserve_bytes = reserve_bytes
        self._reserve: mmap.mmap | None = None
        self._clock: Clock = monotonic
        self._written = self._failed = 0
        self.is_stopped = False
        self._reading = gauge.read()
        self._pid = os.getpid()
        self._stopping = allocate_lock()
        self._stopping.acquire()  # held for as long as it runs: waiting for it is waiting to be stopped
        self._ended = allocate_lock()
        self._ended.acquire()
        self._settle_s = settle_s
        if not settle_s:
            self._begin()
        start_new_thread(self._run, ())

    def _begin(self) -> None:
        """Make room on the disk and in memory, and rehearse: all that the writing needs is loaded then."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self._keep_reserve()
        self._turn_ring()
        self._make("tasks", [])

    # The thread

    def _run(self) -> None:
        if not self._settle_s or not self._stopping.acquire(timeout=self._settle_s):
            self._watch()
        self._ended.release()

    def _watch(self) -> None:
        try:
            if self._settle_s:
                self._begin()
        except (OSError, MemoryError) as error:
            log.warning("there is no black box: %s", error)
            return
        while not self._stopping.acquire(timeout=self._mark.wait_s(self._reading.share)):
            try:
                self._look()
            except (OSError, MemoryError) as error:
                self._failed += 1
                log.warning("the black box could not write: %s", error)

    def _look(self) -> None:
        self._reading = self._gauge.read()
        if self._mark.is_reached(self._reading.share):
            self._write(self._reading)
        elif self._clock() >= self._next_turn:
            self._turn_ring()

    def _turn_ring(self) -> None:
        self._next_turn = self._clock() + self._ring_s
        failed: list[str] = []
        heap = self._make("heap", failed)
        if heap is not None:
            self._made += 1
            path = f"{self.folder}/heap-{self._made:06}.pb.gz"
            self._save(path, self._encode(heap), failed)
            self._ring.append(path)
            while len(self._ring) > self._ring_length:
                with suppress(OSError):
                    os.unlink(self._ring.popleft())
        self._failed += len(failed)

    def _write(self, reading: Reading) -> None:
        """Write everything, at once."""
        self._let_reserve_go()
        head = f"process {self._pid}, {stamp(wall())}: {' '.join(sys.orig_argv)[:500]}"
        failed: list[str] = []
        folder = f"{self.folder}/at-{reading.share * 100:03.0f}-{self._written + 1}"
        parts: dict[str, bytes] = {}
        with _switching(ASIDE_S):
            heap = self._make("heap", failed)
            tasks = self._make("tasks", failed)
            for name, profile in (("heap", heap), ("tasks", tasks)):
                if profile is not None:
                    self._pack(f"{name}.pb.gz", profile, parts, failed)
            text = summary(head, reading, heap, tasks, failed)
            parts = {"summary.txt": text.encode(errors="replace"), **parts}
        with _switching(BACK_S):
            os.makedirs(f"{folder}.part", mode=0o700, exist_ok=True)
            for name, data in parts.items():
                self._save(f"{folder}.part/{name}", data, failed)
            os.rename(f"{folder}.part", folder)
            sync_folder(self.folder)
        self._written += 1
        self._failed += len(failed)
        log.warning("memory is at %.0f %% of %s: see %s", reading.share * 100, reading.limit, folder)
        self._keep_reserve()

    def _make(self, name: str, failed: list[str]) -> Profile | None:
        try:
            return self._lookup(name).snapshot()
        except Exception as error:  # noqa: BLE001  # one profile less is no reason to lose the others
            failed.append(f"{name}: {type(error).__name__}: {error}")
        return None

    def _pack(self, name: str, profile: Profile, parts: dict[str, bytes], failed: list[str]) -> None:
        try:
            parts[name] = self._encode(profile)
        except Exception as error:  # noqa: BLE001  # as above
            failed.append(f"{name}: {type(error).__name__}: {error}")

    def _save(self, path: str, data: bytes, failed: list[str]) -> None:
        try:
            write_whole(path, data)
        except OSError as error:
            failed.append(f"{path}: {error}")
            log.warning("the black box cannot write %s: %s", path, error)

    # The reserve

    def _keep_reserve(self) -> None:
        try:
            self._reserve = mmap.mmap(-1, self._reserve_bytes)
            for page in range(0, self._reserve_bytes, mmap.PAGESIZE):
                self._reserve[page] = 1  # a page that was never touched is not there
        except (OSError, MemoryError, ValueError):
            self._reserve = None

    def _let_reserve_go(self) -> None:
        if self._reserve is not None:
            self._reserve.close()
            self._reserve = None

    # Its owner

    def stop(self) -> None:
        """Record no more; the files of a process that never came near its limit are removed."""
        if os.getpid() != self._pid or self.is_stopped:
            return
        self.is_stopped = True
        self._stopping.release()
        self._ended.acquire()
        atexit.unregister(self.stop)
        self._gauge.close()
        self._let_reserve_go()
        if not self._written:
            remove_folder(self.folder)

    def statistics(self) -> BlackBoxStatistics:
        """Return what it has done."""
        return BlackBoxStatistics(self._reading.share, len(self._ring), self._written, self._failed)

    def __enter__(self) -> BlackBox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<BlackBox {self.folder}: {self._reading.share:.0%}, {self._written} written>"


@contextmanager
def _switching(interval_s: float) -> Iterator[None]:
    """Let threads take turns at another interval for the length of the block."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(interval_s)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
