"""Processor time and memory of a group of processes, from the kernel's own accounting.

A group is a session: every subject is started as the leader of a new one, so its workers are found
without knowing how it makes them.
"""

from __future__ import annotations

import os
from pathlib import Path

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def pids_of(session: int) -> list[int]:
    """Return the processes of a session."""
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _session(pid) == session]


def busy_ns(session: int) -> int:
    """Return the nanoseconds that the session's living processes have spent on a processor."""
    return sum(_process_ns(pid) for pid in pids_of(session))


def resident_bytes(session: int) -> int:
    """Return the resident memory of the session's processes, shared pages counted once each process."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in pids_of(session))


def core_busy_ns(core: int) -> int:
    """Return the nanoseconds during which anything at all ran on a core (in ticks of 10 ms)."""
    prefix = f"cpu{core} "
    line = next(text for text in Path("/proc/stat").read_text().splitlines() if text.startswith(prefix))
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_ = map(int, line.split()[1:])
    return (user + nice + system + irq + softirq + steal) * TICK_NS


def _process_ns(pid: int) -> int:
    """Prefer schedstat (nanoseconds, living threads); stat (10 ms ticks) also knows threads that ended."""
    try:
        threads = [Path(f"/proc/{pid}/task/{tid}/schedstat") for tid in os.listdir(f"/proc/{pid}/task")]
        exact = sum(int(path.read_text().split()[0]) for path in threads)
        utime, stime = _stat(pid)[11:13]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return max(exact, (int(utime) + int(stime)) * TICK_NS)


def _session(pid: int) -> int | None:
    try:
        return int(_stat(pid)[3])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from `state` (field 3) on; the name before it may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
