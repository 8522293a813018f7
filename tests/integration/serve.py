"""`clearway serve` as its users run it: a process of its own, with an app that a test writes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["PATIENCE_S", "Served", "command", "served"]

PATIENCE_S = 20  # for a start or an end that takes a second on a quiet machine


class Served:
    """A running `clearway serve`.

    Attributes:
        process: The process.
        address: Where it listens.
        said: The lines of standard error, so far.
    """

    def __init__(self, process: subprocess.Popen[str], marks: int) -> None:
        self.process = process
        self.said: list[str] = []
        self.address = ""
        self._marks = marks
        self._is_listening = threading.Event()
        if not marks:
            self._is_listening.set()
        self._reader = threading.Thread(target=self._read, args=(process.stderr,), daemon=True)
        self._reader.start()

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            self.said.append(line)
            event = json.loads(line) if line.startswith("{") else {}
            message = event.get("message", "")
            if "address" in event:
                self.address = str(event["address"])
            self._marks -= message.startswith("listening on") or message.endswith(" serves")
            if self._marks == 0:
                self._is_listening.set()
        self._is_listening.set()

    def wait(self) -> None:
        """Wait until it listens, or has ended."""
        assert self._is_listening.wait(PATIENCE_S), self.said

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return int(self.address.rpartition(":")[2])

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code

    @property
    def text(self) -> str:
        """All that it said on standard error."""
        return "".join(self.said)


def command(*arguments: str) -> list[str]:
    """Return the command line of `clearway serve`."""
    return [sys.executable, "-m", "clearway", "serve", *arguments]


@contextmanager
def served(
    folder: Path, app: str, *arguments: str, name: str = "shop:app", marks: int = 1, fds: Sequence[int] = ()
) -> Iterator[Served]:
    """Serve an app whose code is `app` on a free port until the block ends."""
    (folder / "shop.py").write_text(app)
    where = [] if {"--uds", "--fd"} & {*arguments} else ["--port", "0"]
    process = subprocess.Popen(
        command(name, *where, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        pass_fds=fds,
    )
    running = Served(process, marks)
    try:
        running.wait()
        yield running
    finally:
        process.kill()
        process.wait()
        running._reader.join(PATIENCE_S)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
