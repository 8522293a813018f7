"""Programs that serve profiles, as their users start them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CLEARWAY", "FORKING", "environment", "ran", "running", "script"]

CLEARWAY = [sys.executable, "-m", "clearway"]
# Since 3.12, Python warns of forks where there are threads.
FORKING = [sys.executable, "-W", "ignore::DeprecationWarning"]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of this process without what it says about profiles."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEARWAY_")}
    return {**kept, **more}


def ran(*command: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment(**more), timeout=60, check=False
    )


@contextmanager
def running(*command: str, cwd: Path | None = None, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command for the length of the block, with its standard output and error in pipes."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(**more),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def script(folder: Path, text: str, name: str = "app.py") -> str:
    """Write a program and return its path."""
    (folder / name).write_text(textwrap.dedent(text))
    return str(folder / name)
