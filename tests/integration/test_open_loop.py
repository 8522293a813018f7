"""The fixed-rate load counts the time that requests spend waiting for a stalled server."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator

import pytest

from benchmarks.numbers import percentile
from benchmarks.openloop import OpenLoop

STALL_S = 0.1
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@pytest.fixture
def stalling_port() -> Iterator[int]:
    """A server of one connection that sleeps before its first answer and is quick ever after."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve_one, args=(listener,))
        server.start()
        yield listener.getsockname()[1]
        server.join()


def serve_one(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        delay = STALL_S
        while connection.recv(65_536):
            time.sleep(delay)
            delay = 0.0
            connection.sendall(ANSWER)


def test_a_stall_is_charged_to_every_request_that_was_due_in_it(stalling_port: int) -> None:
    loop = OpenLoop(stalling_port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", connections=1)

    loop.run(deque([0.0, 0.02, 0.04, 0.06]))
    loop.close()

    assert (len(loop.times), loop.failed) == (4, 0)
    assert percentile(loop.times, 100) >= STALL_S
    assert percentile(loop.times, 1) >= STALL_S - 0.06
    assert percentile(loop.lateness, 100) >= STALL_S - 0.06
