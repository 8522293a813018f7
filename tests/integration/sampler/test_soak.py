"""The sampler's own memory: bounded by what the program does, however long it does it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.sampler_soak import growth
from tests.integration.pprof.processes import environment


@pytest.mark.slow
def test_nothing_grows_in_some_seconds_of_everything_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.sampler_soak", "--seconds", "15"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.splitlines()[-1] == "nothing grew"


def test_what_grows_is_told() -> None:
    held = [{"rss": (50 + turn) << 20, "heap stacks": 1000} for turn in range(40)]

    assert set(growth(held)) == {"rss"}
