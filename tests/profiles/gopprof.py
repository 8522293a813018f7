"""The real `go tool pprof`, with its reports read back as numbers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clearway.pprof import Profile
from clearway.pprof.proto import encode

__all__ = ["BYTES", "NANOSECONDS", "Row", "go_pprof", "rows", "traces", "written"]

WHOLE = ("-nodecount=1000", "-nodefraction=0", "-edgefraction=0")  # nothing is left out because it is small
BYTES = ("-unit=B", *WHOLE)
NANOSECONDS = ("-unit=ns", *WHOLE)
ROW = re.compile(r"^ *(\S+) +\S+% +\S+% +(\S+) +\S+%  (.+)$")
RULE = re.compile(r"^-+\+-+$")


class Row(NamedTuple):
    """A line of `-top`, in bytes, counts or nanoseconds."""

    name: str
    flat: int
    cum: int


def written(folder: Path, name: str, profile: Profile) -> str:
    """Write a profile to a file and return its path."""
    path = folder / f"{name}.pb.gz"
    path.write_bytes(encode(profile))
    return str(path)


def go_pprof(*args: str) -> str:
    """Return what `go tool pprof` prints; it may neither ask the network nor write to the home folder."""
    folder = str(Path(args[-1]).parent)
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "PPROF_TMPDIR": folder,
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOFLAGS": "-mod=mod",
        "GOCACHE": f"{folder}/cache",
    }
    go = shutil.which("go")
    assert go is not None
    done = subprocess.run(
        [go, "tool", "pprof", *args], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(report: str) -> list[Row]:
    """Return the rows of a `-top` report that was asked for in bytes or counts."""
    found = filter(None, map(ROW.match, report.splitlines()))
    return [Row(each[3], plain(each[1]), plain(each[2])) for each in found]


def traces(report: str) -> Iterator[tuple[int, list[str]]]:
    """Yield value and stack of each sample of a `-traces` report; labels are read over."""
    value, stack = 0, list[str]()
    for line in report.splitlines():
        if RULE.match(line):
            if stack:
                yield value, stack
            value, stack = 0, []
        elif found := re.match(r"^ {0,10}(-?[\d.]+\w*)   (\S.*)$", line):
            value, stack = plain(found[1]), [found[2]]
        elif stack:
            stack.append(line.strip())


def plain(number: str) -> int:
    """Return a number without its unit."""
    return int(re.sub(r"[A-Za-z]+$", "", number))
