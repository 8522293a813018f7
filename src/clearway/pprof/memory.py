"""Where the memory of this process is, as far as it can be named."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from clearway.pprof._sampler import malloc_statistics

__all__ = ["Memory", "read_memory"]

_ROLLUP = Path("/proc/self/smaps_rollup")
_MIB = 1 << 20


class Memory(NamedTuple):
    """The process's memory in bytes, split into what can be named and the rest.

    Attributes:
        rss: What the process holds of the machine's memory.
        python: What Python's allocators hold for live objects, as sampled.
        before: What the process held when sampling began, which no sample can name.
        free: What malloc keeps though it was freed; `malloc_trim` may give it back.
        files: Pages of programs and libraries.
    """

    rss: int
    python: int
    before: int
    free: int
    files: int

    @property
    def native(self) -> int:
        """What nobody names: C libraries' own memory, thread stacks, free room in Python's arenas."""
        return max(self.rss - self.python - self.before - self.free - self.files, 0)

    def __str__(self) -> str:
        def mib(size: int) -> str:
            return f"{size / _MIB:.1f} MiB"

        return (
            f"RSS {mib(self.rss)}: Python {mib(self.python)} (sampled), before the start {mib(self.before)}, "
            f"native {mib(self.native)}, free in malloc {mib(self.free)}, files {mib(self.files)}"
        )


def read_memory(python: int = 0, before: int = 0, rollup: Path = _ROLLUP) -> Memory:
    """Return the memory of this process, given what Python's allocators hold and what was there before.

    Sources: proc_pid_smaps(5), of which the kernel adds all mappings up (Linux 4.14); mallinfo2 of glibc.
    Where there is neither, as on other systems, those parts are 0.
    """
    sizes = {"Rss": 0, "Anonymous": 0}
    try:
        lines = rollup.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, size = line.partition(":")
        if name in sizes:
            sizes[name] = int(size.split()[0]) * 1024
    rss, anonymous = sizes["Rss"], sizes["Anonymous"]
    return Memory(rss, python, before, malloc_statistics().get("free", 0), max(rss - anonymous, 0))
