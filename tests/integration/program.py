"""`clearway run` as its users run it: a process of its own, before a service that a test holds back."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

__all__ = ["Program", "SlowService", "program", "slow_service"]

PATIENCE_S = 20  # for a start or an end that takes a second on a quiet machine


class Program:
    """A running `clearway run`.

    Attributes:
        process: The process.
        address: Where it listens.
    """

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        self.port = int(address.rpartition(":")[2])

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(PATIENCE_S)


@contextmanager
def program(config: Path) -> Iterator[Program]:
    """Run the configuration at `config`, which listens on port 0, until the block ends."""
    command = [sys.executable, "-m", "clearway", "run", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        yield Program(process, _address(process.stderr))
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def _address(lines: IO[str]) -> str:
    for line in lines:
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("message", "").startswith("listening on"):
            return str(event["address"])
    raise AssertionError("it ended before it listened")


class SlowService(ThreadingHTTPServer):
    """A service that answers a request once the test lets it.

    Attributes:
        asked: Set when a request has come.
        let_go: Set by the test.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked = threading.Event()
        self.let_go = threading.Event()


class _Answer(BaseHTTPRequestHandler):
    server: SlowService
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.set()
        self.server.let_go.wait(PATIENCE_S)
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_: object) -> None: ...


@contextmanager
def slow_service() -> Iterator[SlowService]:
    """Serve a `SlowService` in a thread until the block ends."""
    service = SlowService()
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        service.let_go.set()
        service.shutdown()
        service.server_close()
        thread.join()
