# Where memory stands, and where it ends.
#
# The kernel kills by the control group's memory, not by one process's: four workers in one container fill it
# together. So beside our own RSS we look at what the group cannot give back (its memory without the page
# cache that is inactive), and at the address space where a limit on that is set (RLIMIT_AS: there, it is
# malloc that fails first). The nearest of them counts.
"""Where memory stands, and where it ends."""

from __future__ import annotations

import os
import re
import resource
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["Gauge", "Group", "Reading", "find_group", "machine_bytes"]

PAGE = os.sysconf("SC_PAGE_SIZE")
NO_LIMIT = 1 << 60  # version 1 writes about 1 << 63 where there is none
# Of a control group: the limit, what is used, and in `memory.stat` what could be dropped.
_VERSION_2 = ("memory.max", "memory.current", "inactive_file")
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


class Reading(NamedTuple):
    """Where memory stands.

    Attributes:
        rss: Of this process, in bytes.
        share: Of the limit that is nearest.
        limit: What that limit is, in words.
    """

    rss: int
    share: float
    limit: str


class Group(NamedTuple):
    """A control group with a memory limit."""

    folder: Path
    limit: int
    usage: str
    droppable: str

    def used(self) -> int:
        """Return what it holds and cannot drop."""
        used = int((self.folder / self.usage).read_text())
        found = re.search(
            rf"^{self.droppable} (\d+)$", (self.folder / "memory.stat").read_text(), re.MULTILINE
        )
        return used - (int(found[1]) if found else 0)


def find_group(memberships: str | None = None, mount: Path = Path("/sys/fs/cgroup")) -> Group | None:
    """Return the control group with the lowest memory limit that holds for this process, if there is one."""
    if memberships is None:
        with suppress(OSError):
            memberships = Path("/proc/self/cgroup").read_text()
    found = [
        group
        for line in (memberships or "").splitlines()
        for folder, words in _folders(line, mount)
        if (group := _group(folder, words)) is not None
    ]
    return min(found, key=lambda group: group.limit, default=None)


def _folders(line: str, mount: Path) -> list[tuple[Path, tuple[str, str, str]]]:
    """Return the folders of the groups in a line of /proc/self/cgroup, from the inner one out.

    In a container, the path may be the host's, and what is mounted the container's own part: then the mount
    itself is the group.
    """
    _, _, controllers_and_path = line.partition(":")
    controllers, _, path = controllers_and_path.partition(":")
    if controllers == "":
        top, words = mount, _VERSION_2
    elif "memory" in controllers.split(","):
        top, words = mount / "memory", _VERSION_1
    else:
        return []
    inner = top / path.strip("/")
    chain = [inner, *inner.parents] if inner.is_dir() else [top]
    return [(folder, words) for folder in chain if folder == top or top in folder.parents]


def _group(folder: Path, words: tuple[str, str, str]) -> Group | None:
    try:
        limit = int((folder / words[0]).read_text())  # "max" where there is none
    except (OSError, ValueError):
        return None
    return Group(folder, limit, words[1], words[2]) if 0 < limit < NO_LIMIT else None


def machine_bytes() -> int:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * PAGE


class Gauge:
    """Reads where memory stands, cheaply and without growing.

    Options:
        limit: Bytes that stand for the limit; the process's own memory alone is then looked at.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._group = find_group() if limit is None else None
        self._limit = limit or min(machine_bytes(), self._group.limit if self._group else NO_LIMIT)
        self._space = NO_LIMIT if limit is not None else resource.getrlimit(resource.RLIMIT_AS)[0]
        self._statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)

    def read(self) -> Reading:
        """Return where memory stands now."""
        size, resident = os.pread(self._statm, 64, 0).split(b" ", 2)[:2]
        rss = int(resident) * PAGE
        nearest = Reading(rss, rss / self._limit, f"{mib(self._limit)} of memory")
        if 0 < self._space < NO_LIMIT and (share := int(size) * PAGE / self._space) > nearest.share:
            nearest = Reading(rss, share, f"{mib(self._space)} of address space")
        if self._group is not None:
            with suppress(OSError, ValueError):  # the group was removed or moved
                if (share := self._group.used() / self._group.limit) > nearest.share:
                    nearest = Reading(rss, share, f"{mib(self._group.limit)} of the control group")
        return nearest

    def close(self) -> None:
        """Close what it reads from."""
        os.close(self._statm)


def mib(size: int) -> str:
    """Return a size for people."""
    return f"{size / (1 << 20):,.1f} MiB"
