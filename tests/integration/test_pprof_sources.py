"""`clearway pprof` asks a service that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from clearway.pprof.proto import encode
from tests.profiles.examples import HEAP
from tests.unit.cli.shell import shell

DATA = encode(HEAP)
# What each path answers: status, headers, body.
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/heap": (200, {}, DATA),
    "/heap?seconds=0.5": (200, {}, DATA),
    "/heap?debug=1": (200, {}, b"<heap>"),
    "/busy": (409, {}, b"another profile is being recorded\n"),
    "/moved": (302, {"Location": "/heap"}, b""),
    "/short": (200, {"Content-Length": "9999"}, DATA),
}


class Service(BaseHTTPRequestHandler):
    """Answers what `ANSWERS` says, to whoever knows the password."""

    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"]))  # type: ignore[attr-defined]
        status, headers, body = ANSWERS.get(self.path, (404, {}, b"no such profile"))
        if self.headers["Authorization"] != "Basic YWNtZTpzZWNyZXQ=":
            status, headers, body = 401, {}, b"who are you?"
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def top(service: Any, path: str, *args: str, who: str = "acme:secret@") -> tuple[int, str, str]:
    address = f"127.0.0.1:{service.server_port}"
    done = shell("pprof", "top", f"http://{who}{address}{path}", *args)
    return done.code, done.out, done.err.replace(address, "HOST")


def test_a_profile_is_fetched(service: Any) -> None:
    code, out, err = top(service, "/heap")

    assert (code, err) == (0, "")
    assert "Orders.load /srv/shop/orders.py\n" in out
    assert service.asked == [("/heap", "Basic YWNtZTpzZWNyZXQ=")]


def test_seconds_are_asked_for(service: Any) -> None:
    assert top(service, "/heap", "--seconds", "0.5")[0] == 0


def test_a_header_may_hold_the_credentials(service: Any) -> None:
    assert top(service, "/heap", "--header", "Authorization: Basic YWNtZTpzZWNyZXQ=", who="")[0] == 0


def test_a_password_follows_no_redirect(service: Any) -> None:
    top(service, "/moved")

    assert [path for path, _ in service.asked] == ["/moved"]


NO_PROFILE = "not a profile: byte 0 begins a field of no known kind"
REFUSALS = {
    "/nope": "HOST/nope answered 404: no such profile\n\nhint: a process lists its profiles at /debug/pprof/",
    "/busy": "HOST/busy answered 409: another profile is being recorded\n",
    "/moved": "HOST/moved answered 302\n",
    "/short": f"HOST/short broke off {9999 - len(DATA):,} bytes before the end of its answer\n",
    "/heap?debug=1": f"HOST/heap?debug=1: {NO_PROFILE}\n\nhint: without debug= a service answers with the",
}


@pytest.mark.parametrize("path", REFUSALS)
def test_a_refusal_is_one_line_without_the_password(service: Any, path: str) -> None:
    code, out, err = top(service, path)

    assert (code, out) == (1, "")
    assert err.startswith(f"error: http://{REFUSALS[path]}")
    assert "secret" not in err


def test_who_gives_no_password_is_told_how_to(service: Any) -> None:
    code, out, err = top(service, "/heap", who="")

    assert (code, out) == (1, "")
    assert err.startswith(
        "error: http://HOST/heap answered 401: who are you?\n\nhint: give a name and a password"
    )


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("http://127.0.0.1:9/heap", "cannot fetch http://127.0.0.1:9/heap: connection refused\n"),
        (
            "unix:/nowhere.sock",
            "cannot fetch unix:/nowhere.sock:/debug/pprof/heap: no such file or directory\n",
        ),
        ("http://127.0.0.1:port/heap", "'http://127.0.0.1:port/heap' is no address: "),
    ],
)
def test_nobody_there_is_told(address: str, text: str) -> None:
    done = shell("pprof", "top", address)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {text}")
