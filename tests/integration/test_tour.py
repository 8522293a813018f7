"""Every command that the tour prints gives the status that stands above it, when pasted as it is."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.peers("curl", "sh")]

LAST_LINE = "With a configuration of your own"
STEPS = 11


@pytest.fixture(scope="module")
def tour() -> Iterator[list[tuple[int, str]]]:
    """Start the tour and give its commands, each with the status above it."""
    command = [sys.executable, "-m", "clearway", "run", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(LAST_LINE):
            break
    yield [(int(above[:3]), line.strip()) for above, line in pairwise(lines) if line.startswith("     curl")]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("number", range(STEPS))
def test_a_printed_command_gives_the_printed_status(tour: list[tuple[int, str]], number: int) -> None:
    assert len(tour) == STEPS
    status, command = tour[number]

    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=False)

    assert done.returncode == 0
    assert int(re.findall(rb"^HTTP/1\.1 (\d{3})", done.stdout, re.MULTILINE)[-1]) == status


def test_every_part_is_shown(tour: list[tuple[int, str]]) -> None:
    assert {status for status, _ in tour} == {200, 401, 403, 429}
    assert any("Bearer" in command for _, command in tour)
    assert any("-u demo:" in command for _, command in tour)
    assert any("/metrics" in command for _, command in tour)
