"""Programs of their own for the sampler: a crash ends them and not the tests."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from tests.integration.pprof.processes import environment

__all__ = ["said"]


def said(program: str, *options: str, timeout_s: float = 60, **more: str) -> list[str]:
    """Run a program with these options of Python's, in this environment; return the lines that it prints.

    It has to end well and to leave standard error empty.
    """
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env=environment(**more),
        timeout=timeout_s,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()
