"""`clearway serve` with several processes, with one that starts anew, and with what watches it."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.integration.serve import PATIENCE_S, Served, served

pytestmark = pytest.mark.slow

APP = """
import os

VERSION = 1

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            await send({"type": event + ".complete"})
            if event == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
        return
    if scope["path"] == "/die":
        os._exit(9)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d %d" % (os.getpid(), VERSION)})
"""


def ask(running: Served, path: str = "/") -> tuple[int, int]:
    """Return process and version of who answers, on a new connection."""
    process, version = httpx.get(f"http://{running.address}{path}", timeout=PATIENCE_S).text.split()
    return int(process), int(version)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_workers_serve_one_socket_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--workers", "2", marks=2) as running:
        seen: set[int] = set()
        until(lambda: len(seen | {ask(running)[0]}) == 2 or seen.add(ask(running)[0]) or False)
        with pytest.raises(httpx.HTTPError):
            ask(running, "/die")

        until(lambda: running.text.count(" serves") == 3)
        assert ask(running)[1] == 1
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == 0


def test_workers_are_renewed_one_by_one(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--workers", "2", marks=2) as running:
        (tmp_path / "shop.py").write_text(APP.replace("VERSION = 1", "VERSION = 2"))
        running.process.send_signal(signal.SIGHUP)
        while running.text.count(" serves") < 4:
            assert ask(running)[1] in (1, 2)

        until(lambda: ask(running)[1] == 2)
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == 0


def test_workers_that_cannot_start_end_the_server(tmp_path: Path) -> None:
    with served(tmp_path, "import nowhere", "--workers", "2", marks=99) as running:
        assert running.ended() == 1
        assert "No module named 'nowhere'" in running.text
        assert "error: workers ended" in running.text


def test_a_changed_file_is_served_anew(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--reload", "--reload-dir", ".") as running:
        first = ask(running)
        time.sleep(1)  # the watch has begun
        (tmp_path / "shop.py").write_text(APP.replace("VERSION = 1", "VERSION = 2"))

        until(lambda: ask(running)[1] == 2)
        assert ask(running)[0] != first[0]
        assert "shop.py changed: starting anew" in running.text
        running.process.send_signal(signal.SIGTERM)
        assert running.ended() == 0


def test_profiles_are_served_beside_the_app(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--pprof", "127.0.0.1:0") as running:
        ask(running)
        (address,) = re.findall(r"profiles on (http://\S+)", running.text)

        assert httpx.get(address, timeout=PATIENCE_S).status_code == 200


def test_the_log_says_no_more_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with served(tmp_path, APP, "--log-level", "error", "--uds", str(path), marks=0) as running:
        until(path.exists)
        running.process.send_signal(signal.SIGTERM)

        assert running.ended() == 0
        assert running.text == ""


def test_an_open_websocket_is_told_that_the_server_stops(tmp_path: Path) -> None:
    options = ("--ws-max-size", "50", "--ws-ping-interval", "0.2", "--ws-ping-timeout", "5")
    with served(tmp_path, APP, *options) as running:
        with connect(f"ws://{running.address}/") as long, connect(f"ws://{running.address}/") as open_:
            open_.send("hello")
            assert open_.recv() == "hello"
            long.send("too long" * 50)
            with pytest.raises(ConnectionClosed) as closed:
                long.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
            running.process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                open_.recv()

        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert running.ended() == 0


def test_websockets_can_be_left_out(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--ws", "none", "--ws-per-message-deflate", "false") as running:
        with pytest.raises(InvalidStatus) as caught, connect(f"ws://{running.address}/"):
            pass

        assert caught.value.response.status_code == 200
        assert os.getpgid(running.process.pid) > 0
