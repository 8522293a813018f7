"""Start a server pinned to one core, wait until it answers, stop it."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.install import PATH

# An environment that forbids .pyc files would make every start of Python compile what it imports.
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PATH": PATH
}
SERVER_CORE = 0
LOAD_CORE = 1
PATIENCE_S = 20.0


class NotReadyError(Exception):
    """A server ended, or did not answer as it should, before the time given to it was over."""


@dataclass(frozen=True)
class Server:
    """A running server: its session (for accounting), its port and where it writes its log."""

    session: int
    port: int
    log: Path


def free_port() -> int:
    """Return a loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(
    command: list[str],
    port: int,
    folder: Path,
    env: Mapping[str, str],
    core: int,
    patience_s: float = PATIENCE_S,
) -> Iterator[Server]:
    """Run `command` on `core` as the leader of a new session, for the length of the block."""
    log = folder / "log.txt"
    with log.open("wb") as out:
        pinned = ["taskset", "-c", str(core), *command]
        child = subprocess.Popen(
            pinned, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder,
            env={**ENV, **env}, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_listening(child, port, log, patience_s)
        yield Server(child.pid, port, log)
    finally:
        _stop(child)


def ask(port: int, path: str, fields: Mapping[str, str]) -> tuple[int, bytes]:
    """Send one GET on a fresh connection and return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=dict(fields))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _wait_until_listening(child: subprocess.Popen[bytes], port: int, log: Path, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise NotReadyError(f"exit code {child.returncode}: {_last_line(log)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.005)
    raise NotReadyError(f"did not listen within {patience_s:.0f} s: {_last_line(log)}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no output"


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ask, then insist: whatever is left of the session we made is killed."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
