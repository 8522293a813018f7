"""`clearway pprof top` at a terminal draws a table that fits it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from clearway.pprof.proto import encode
from tests.profiles.examples import HEAP

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def at_terminal(*args: str, columns: int, env: dict[str, str]) -> str:
    """Return what a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [sys.executable, "-m", "clearway", "pprof", *args]
    with subprocess.Popen(
        command, stdout=theirs, env={**os.environ, "TERM": "xterm-256color", **env}
    ) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65_536):
                parts.append(part)
        except OSError:  # Linux says EIO once nobody writes any more
            pass
        process.wait(30)
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


@pytest.fixture
def heap_file(tmp_path: Path) -> str:
    path = tmp_path / "heap.pb.gz"
    path.write_bytes(encode(HEAP))
    return str(path)


@pytest.mark.slow
def test_a_narrow_terminal_folds_names_and_keeps_numbers(heap_file: str) -> None:
    text = at_terminal("top", heap_file, columns=60, env={})
    plain = STYLE.sub("", text).splitlines()

    assert text != STYLE.sub("", text)
    assert all(len(line) <= 60 for line in plain)
    assert any(
        re.match(r"\s*2\.93kB\s+34\.90%\s+82\.55%\s+3\.42kB\s+40\.72%\s+Orders\.save", line) for line in plain
    )


@pytest.mark.slow
def test_no_color_is_heard(heap_file: str) -> None:
    text = at_terminal("top", heap_file, columns=100, env={"NO_COLOR": "1"})

    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text)
    assert "Orders.save" in text
