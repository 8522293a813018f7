"""With its real thread, the access log writes by itself, soon, completely, and stops when it is told."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from clearway.plug import Sent
from clearway.plug.plugs import AccessLog
from clearway.testing import conn

ENDED = Sent(0, 0.0, "complete")


class SignallingSink:
    """Tells when `count` lines have come."""

    def __init__(self, count: int) -> None:
        self.missing = count
        self.complete = threading.Event()

    def write(self, lines: bytes) -> None:
        self.missing -= lines.count(b"\n")
        if self.missing <= 0:
            self.complete.set()

    def close(self) -> None:
        pass


def send(log: AccessLog, count: int) -> None:
    for number in range(count):
        done = log(conn("GET", f"/{number}")).send_resp(200)
        for hook in done.after_send:
            hook(done, ENDED)


def test_lines_are_written_without_being_asked_for() -> None:
    sink = SignallingSink(200)
    log = AccessLog(sink, gather_s=0.01)
    send(log, 100)
    send(log, 100)

    assert sink.complete.wait(10)
    log.close()


def test_after_close_every_line_is_in_the_file_and_the_thread_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = AccessLog(path, gather_s=30)
    send(log, 1000)
    log.close()

    assert [json.loads(line)["path"] for line in path.read_text().splitlines()] == [
        f"/{n}" for n in range(1000)
    ]
    assert not [thread for thread in threading.enumerate() if thread.name == "clearway-log"]
