"""`clearway serve`: each option, as a client or a supervisor sees it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.serve import PATIENCE_S, Served, served

pytestmark = pytest.mark.slow

APP = """
import asyncio, json, os

def compute():
    while True:
        pass

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            scope["state"]["started"] = "yes"
            print(event, flush=True)
            await send({"type": event + ".complete"})
            if event == "lifespan.shutdown":
                return
    path = scope["path"].rpartition("/")[2]
    if path == "hog":
        compute()
    if path == "slow":
        await asyncio.sleep(0.5)
    if path == "for-ever":
        await asyncio.sleep(3600)
    scope = {key: scope[key] for key in ("root_path", "path", "client", "server", "scheme", "headers")} | {
        "started": scope["state"].get("started"), "pid": os.getpid()
    }
    body = json.dumps(scope, default=lambda value: value.decode("latin-1")).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": body})

def make():
    return app
"""


def ask(running: Served, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(f"http://{running.address}{path}", headers=headers, timeout=PATIENCE_S)


def test_an_app_is_started_served_and_stopped(tmp_path: Path) -> None:
    with served(tmp_path, APP) as running:
        answer = ask(running)
        running.process.send_signal(signal.SIGTERM)

        assert running.ended() == 0
        assert (answer.json()["started"], answer.headers["x-app"]) == ("yes", "1")
        assert answer.json()["server"] == ["127.0.0.1", running.port]
        assert running.process.stdout is not None
        lines = running.process.stdout.read().splitlines()
        assert [each for each in lines if each.startswith("l")] == ["lifespan.startup", "lifespan.shutdown"]
        (entry,) = [json.loads(line) for line in lines if line.startswith("{")]
        assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/", 200)


def test_options_about_the_app_and_its_answers(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "inside.py").write_text(APP)
    options = ("--factory", "--app-dir", "inner", "--root-path", "/shop", "--lifespan", "off")
    with served(
        tmp_path,
        "",
        *options,
        "--header",
        "x-a: 1",
        "--header",
        "x-app: 0",
        "--no-access-log",
        name="inside:make",
    ) as running:
        answer = ask(running, "/cart")
        running.process.send_signal(signal.SIGINT)

        assert running.ended() == 0
        seen = answer.json()
        assert (seen["root_path"], seen["path"], seen["started"]) == ("/shop", "/shop/cart", None)
        assert (answer.headers["x-a"], answer.headers["x-app"]) == ("1", "1")
        assert running.process.stdout is not None
        assert running.process.stdout.read() == ""


FORWARDED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(
    ("options", "client", "scheme", "sees_header"),
    [
        ([], "203.0.113.9", "https", False),
        (["--forwarded-allow-ips", "*"], "203.0.113.9", "https", False),
        (["--forwarded-allow-ips", "10.0.0.0/8"], "127.0.0.1", "http", False),
        (["--no-proxy-headers"], "127.0.0.1", "http", True),
    ],
)
def test_a_proxy_in_front_is_believed_where_it_is_trusted(
    tmp_path: Path, options: list[str], client: str, scheme: str, sees_header: bool
) -> None:
    with served(tmp_path, APP, *options) as running:
        seen = ask(running, **FORWARDED).json()

        assert (seen["client"][0], seen["scheme"]) == (client, scheme)
        assert ("x-forwarded-for" in dict(seen["headers"])) == sees_header


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    with served(tmp_path, APP, "--uds", str(path)) as running:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            seen = client.get("http://shop/").json()

        assert running.address == f"unix:{path}"
        assert (seen["server"], seen["client"]) == ([str(path), None], None)


def test_an_inherited_socket(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with served(tmp_path, APP, "--fd", str(listener.fileno()), fds=[listener.fileno()]) as running:
            assert running.port == port
            assert ask(running).status_code == 200


def test_limits(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--limit-concurrency", "1", "--timeout-keep-alive", "0.2") as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE_S) as first:
            first.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert first.recv(15) == b"HTTP/1.1 200 OK"
            assert ask(running).status_code == 503
            while first.recv(4096):
                pass  # until it is closed, because it was idle
        assert ask(running).status_code == 200


def test_a_request_in_flight_finishes(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--timeout-graceful-shutdown", "1") as running:
        quick, endless = (http.client.HTTPConnection("127.0.0.1", running.port, timeout=20) for _ in range(2))
        quick.request("GET", "/slow")
        endless.request("GET", "/for-ever")
        time.sleep(0.2)
        running.process.send_signal(signal.SIGTERM)

        assert quick.getresponse().status == 200
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            endless.getresponse()
        assert running.ended() == 0
        quick.close()
        endless.close()


FAILING = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database at db.test"})
"""


@pytest.mark.parametrize(
    ("app", "options", "complaint"),
    [
        (FAILING, [], "no database at db.test"),
        ("async def app(scope, receive, send): 1 / 0", ["--lifespan", "on"], "ZeroDivisionError"),
        ("import nowhere", [], "No module named 'nowhere'"),
        ("app = 1", [], "shop:app is 1, which cannot be called"),
        ("def app(scope): ...", [], "is an ASGI 2 app"),
    ],
)
def test_an_app_that_does_not_start_ends_the_server_with_its_error(
    tmp_path: Path, app: str, options: list[str], complaint: str
) -> None:
    with served(tmp_path, app, *options) as running:
        assert running.ended() == 1
        assert complaint in running.text
        assert "\nerror: " in f"\n{running.text}"
        assert running.address == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--header", "x"], "'x' is not NAME:VALUE"),
        (["--header", "x y: 1"], "is not a token"),
        (["--reload", "--workers", "2"], "do not go together"),
        (["--preempt", "asyncio"], "can never be preempted"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    with served(tmp_path, APP, *arguments) as running:
        assert running.ended() in (1, 2)
        assert complaint in running.text


def test_light_requests_are_answered_while_others_compute_without_end(tmp_path: Path) -> None:
    with served(tmp_path, APP, "--preempt", "shop") as running:
        assert "preemption: shop may be interrupted after 10 ms" in running.text
        hogs = [http.client.HTTPConnection("127.0.0.1", running.port, timeout=20) for _ in range(4)]
        for hog in hogs:
            hog.request("GET", "/hog")
        time.sleep(0.1)

        took = []
        for _ in range(10):
            begun = time.monotonic()
            assert ask(running).status_code == 200
            took.append(time.monotonic() - begun)
        for hog in hogs:
            hog.close()

        assert sorted(took)[5] < 1.0  # 4 hogs that nobody interrupts would never let one through
