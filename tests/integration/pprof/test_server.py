"""The server of profiles on real sockets: it answers beside a blocked program, and lets go of what left."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearway.pprof.web import Credentials, Guard
from clearway.pprof.web.listening import bind, parse_place
from clearway.pprof.web.server import MOST_CONNECTIONS, PprofServer
from tests.integration.pprof.client import ask, connect, open_fds, received, request, until
from tests.unit.pprof.web.collectors import Beans, pages_of

HEAP = "/debug/pprof/heap"
PROFILE = "/debug/pprof/profile"


class Bench:
    """A server with two collectors."""

    def __init__(self, address: str = "127.0.0.1:0", guard: Guard | None = None, most: int = 16) -> None:
        self.heap, self.cpu = Beans(), Beans("profile", seconds=30.0)
        pages = pages_of(self.heap, self.cpu, most_collections=most)
        self.server = PprofServer(bind(parse_place(address)), pages, guard or Guard())
        self.address = self.server.address


@pytest.fixture
def bench() -> Iterator[Bench]:
    fds = open_fds()
    bench = Bench()
    yield bench
    bench.server.stop()
    until(lambda: bench.server.statistics().open == 0, "the last connection's end")
    until(lambda: open_fds() <= fds, "the last descriptor's end")


def test_a_profile_is_answered(bench: Bench) -> None:
    got = ask(bench.address, HEAP)

    assert (got.status, got.body) == (200, b"3 beans in proto")
    assert got.headers["content-disposition"] == 'attachment; filename="heap"'
    until(lambda: bench.server.statistics().answered == 1)


def test_it_answers_while_the_event_loop_is_blocked(bench: Bench) -> None:
    answered = threading.Event()

    def client() -> None:
        assert ask(bench.address, f"{HEAP}?seconds=0.05").status == 200
        answered.set()

    async def blocked() -> bool:
        threading.Thread(target=client).start()
        return answered.wait(20)  # no turn of the loop until the answer is there

    assert asyncio.run(blocked())


def test_a_recording_takes_the_seconds_that_were_asked_for(bench: Bench) -> None:
    began = time.monotonic()

    got = ask(bench.address, f"{PROFILE}?seconds=0.2")

    assert got.status == 200
    assert 0.2 <= time.monotonic() - began < 5
    assert (bench.cpu.begun, bench.cpu.ended) == (1, 1)


@pytest.mark.parametrize("how", ["close", "half", "reset"])
def test_a_client_that_hangs_up_ends_its_recording(bench: Bench, how: str) -> None:
    client = connect(bench.address)
    client.sendall(request(PROFILE, host="localhost"))
    until(lambda: bench.cpu.begun == 1)

    if how == "half":
        client.shutdown(1)
    elif how == "reset":
        client.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of 0
    if how != "half":
        client.close()
    until(lambda: bench.cpu.cancelled == 1)

    client.close()
    assert ask(bench.address, f"{PROFILE}?seconds=0.01").status == 200
    assert bench.server.statistics().left == 1


def test_what_a_waiting_client_sends_on_does_not_end_its_recording(bench: Bench) -> None:
    with connect(bench.address) as client:
        client.sendall(request(f"{PROFILE}?seconds=0.3", host="localhost") + b"GET / HTTP/1.1\r\n\r\n")

        assert received(client).status == 200


def test_two_cpu_profiles_at_once_are_a_conflict(bench: Bench) -> None:
    with connect(bench.address) as first:
        first.sendall(request(PROFILE, host="localhost"))
        until(lambda: bench.cpu.begun == 1)

        got = ask(bench.address, PROFILE)

        assert got.status == 409
        assert got.headers["x-go-pprof"] == "1"


def test_stopping_ends_what_is_recorded_and_tells_the_client(bench: Bench) -> None:
    with connect(bench.address) as client:
        client.sendall(request(PROFILE, host="localhost"))
        until(lambda: bench.cpu.begun == 1)

        bench.server.stop()

        assert received(client).status == 503
    assert bench.cpu.cancelled == 1
    with pytest.raises(ConnectionRefusedError):
        connect(bench.address)
    assert "stopped" in repr(bench.server)


@pytest.mark.parametrize(("sent", "status"), [
    (b"GET /debug/pprof/heap HTTP/1.1\r\nhost: evil.example\r\n\r\n", 403),
    (b"nonsense\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nx: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    (b"POST /debug/pprof/symbol HTTP/1.1\r\ncontent-length: 7\r\n\r\n0x1+0x2", 200),
    (b"POST /debug/pprof/symbol HTTP/1.1\r\ncontent-length: 70000\r\n\r\n", 413),
    (b"HEAD /debug/pprof/profile HTTP/1.1\r\n\r\n", 200),
])  # fmt: skip
def test_a_request_is_read_to_its_end(bench: Bench, sent: bytes, status: int) -> None:
    with connect(bench.address) as client:
        client.sendall(sent)

        assert received(client).status == status


def test_a_request_may_come_byte_by_byte(bench: Bench) -> None:
    with connect(bench.address) as client:
        for byte in request(HEAP, host="localhost"):
            client.sendall(bytes([byte]))

        assert received(client).status == 200


def test_idle_connections_do_not_keep_it_from_answering_for_ever(bench: Bench) -> None:
    idle = [connect(bench.address) for _ in range(MOST_CONNECTIONS)]
    until(lambda: bench.server.statistics().open == MOST_CONNECTIONS)

    assert ask(bench.address, HEAP).status == 503
    for client in idle:
        client.close()
    until(lambda: bench.server.statistics().open == 0)

    assert ask(bench.address, HEAP).status == 200
    assert bench.server.statistics().refused == 1


def test_credentials_are_asked_for() -> None:
    bench = Bench(guard=Guard(Credentials(token="t0ken")))

    try:
        assert ask(bench.address, HEAP).status == 401
        assert ask(bench.address, HEAP, authorization="Bearer t0ken", host="any.example").status == 200
    finally:
        bench.server.stop()


def test_a_socket_serves_and_is_gone_when_it_stops(tmp_path: Path) -> None:
    bench = Bench(f"unix:{tmp_path}/")

    got = ask(bench.address, "/debug/pprof/")
    bench.server.stop()

    assert bench.address == f"unix:{tmp_path}/{os.getpid()}.sock"
    assert f"clearway pprof top {bench.address}:/debug/pprof/heap".encode() in got.body
    assert os.listdir(tmp_path) == []


def test_it_may_be_stopped_before_its_thread_has_run() -> None:
    fds = open_fds()

    for _ in range(200):
        Bench().server.stop()

    until(lambda: open_fds() <= fds, "the last descriptor's end")
