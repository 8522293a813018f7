"""A slow reader holds back a fast sender through the gateway, which keeps little of what is between them."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.integration.flood import (
    PATIENCE_S,
    SIZE,
    Flood,
    Taker,
    listening,
    peak_kb,
    read_head,
    resident_kb,
    wait_until_still,
)
from tests.integration.program import program
from tests.integration.test_nginx import CONFIG

pytestmark = pytest.mark.slow

# What the gateway may keep: its limits are 128 KiB unsent and 64 KiB in a stream, uvloop reads 256 KiB at a
# time, and an allocator keeps some of what was freed.
ALLOWED_KB = 12_000


def config(folder: Path, port: int) -> Path:
    path = folder / "gateway.toml"
    path.write_text(CONFIG.format(port=port))
    return path


def test_a_slow_client_holds_back_a_large_response(tmp_path: Path) -> None:
    begun: SimpleQueue[Flood] = SimpleQueue()

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % SIZE)
        flood = Flood(connection)
        begun.put(flood)
        flood.finish()

    with listening(serve) as port, program(config(tmp_path, port)) as running:
        pid = running.process.pid
        before = resident_kb(pid)
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert b" 200 " in read_head(client)
            taker = Taker(client).take(1_000_000)
            flood = begun.get(timeout=PATIENCE_S)  # which may come after its first bytes
            held = wait_until_still(lambda: flood.sent)
            taker.take(SIZE - 1_000_000)

        assert held < SIZE // 4  # the rest is in the kernel's buffers
        assert peak_kb(pid) - before < ALLOWED_KB
        assert taker.digest() == Flood.digest()


def test_a_slow_upstream_holds_back_a_large_upload(tmp_path: Path) -> None:
    go_on = threading.Event()
    digests = []

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        taker = Taker(connection).take(1_000_000)
        go_on.wait(30)
        taker.take(SIZE - 1_000_000)
        digests.append(taker.digest())
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    with listening(serve) as port, program(config(tmp_path, port)) as running:
        pid = running.process.pid
        before = resident_kb(pid)
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % SIZE)
            flood = Flood(client)
            held = wait_until_still(lambda: flood.sent)
            go_on.set()
            flood.finish()
            assert b" 200 " in read_head(client)

        assert held < SIZE // 4
        assert peak_kb(pid) - before < ALLOWED_KB
        assert digests == [Flood.digest()]
