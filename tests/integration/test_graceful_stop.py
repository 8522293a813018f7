"""A signal stops listening and lets requests in flight finish; a second one does not wait."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.program import Program, SlowService, program, slow_service

pytestmark = pytest.mark.slow

CONFIG = """
listen = "127.0.0.1:0"
server.drain_s = {drain_s}
[upstreams.slow]
targets = ["127.0.0.1:{port}"]
[[routes]]
path = "/quick"
respond = {{}}
[[routes]]
path = "/*rest"
upstream = "slow"
"""


@pytest.fixture
def service() -> Iterator[SlowService]:
    with slow_service() as service:
        yield service


def config(folder: Path, service: SlowService, drain_s: float) -> Path:
    path = folder / "gateway.toml"
    path.write_text(CONFIG.format(port=service.server_port, drain_s=drain_s))
    return path


def ask(running: Program, service: SlowService) -> http.client.HTTPConnection:
    """Return a connection whose request has come as far as the service."""
    client = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    client.request("GET", "/")
    assert service.asked.wait(20)
    return client


def wait_until_closed(running: Program) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", running.port)).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("it listens on")


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_flight_finishes(tmp_path: Path, service: SlowService, kind: signal.Signals) -> None:
    with program(config(tmp_path, service, drain_s=20)) as running:
        client = ask(running, service)
        running.process.send_signal(kind)
        wait_until_closed(running)
        service.let_go.set()

        answer = client.getresponse()
        assert (answer.status, answer.read(), answer.getheader("connection")) == (200, b"done", "close")
        assert running.ended() == 0
        client.close()


def test_an_idle_connection_does_not_hold_it_up(tmp_path: Path, service: SlowService) -> None:
    with program(config(tmp_path, service, drain_s=20)) as running:
        client = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        client.request("GET", "/quick")
        client.getresponse().read()
        begun = time.monotonic()
        running.process.send_signal(signal.SIGTERM)

        assert running.ended() == 0
        assert time.monotonic() - begun < 10
        client.close()


def test_what_takes_too_long_is_cut_off(tmp_path: Path, service: SlowService) -> None:
    with program(config(tmp_path, service, drain_s=0.1)) as running:
        client = ask(running, service)
        running.process.send_signal(signal.SIGTERM)

        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            client.getresponse()
        assert running.ended() == 0
        client.close()


def test_a_second_signal_does_not_wait(tmp_path: Path, service: SlowService) -> None:
    with program(config(tmp_path, service, drain_s=60)) as running:
        client = ask(running, service)
        running.process.send_signal(signal.SIGTERM)
        wait_until_closed(running)
        running.process.send_signal(signal.SIGTERM)

        assert running.ended() == 1
        client.close()
