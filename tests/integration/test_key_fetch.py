"""Keys come over a real socket, whole or not at all."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from clearway.plug.jose import KeyFetchError, RemoteKeys, https_fetch
from tests.unit.plug.jose.keys import ED25519_JWK, public

DOCUMENT = json.dumps({"keys": [{**public(ED25519_JWK), "kid": "k1"}]}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by path: each path is one way for a publisher to behave."""

    gate = threading.Event()
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["accept"]))
        behaviour: Callable[[], None] = getattr(self, f"do_{self.path.strip('/')}")
        behaviour()

    def do_good(self) -> None:
        self.answer(200, DOCUMENT)

    def do_missing(self) -> None:
        self.answer(404, DOCUMENT)

    def do_empty(self) -> None:
        self.answer(204, b"")

    def do_moved(self) -> None:
        self.send_response(302)
        self.send_header("location", "/good")
        self.end_headers()

    def do_long(self) -> None:
        self.answer(200, b" " * 100_000)

    def do_short(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(DOCUMENT)

    def do_silent(self) -> None:
        self.gate.wait(10)

    def do_dripping(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.gate.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[str]:
    Handler.gate.clear()
    Handler.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Handler.gate.set()
        server.shutdown()
        thread.join()


def fetch(url: str, timeout_s: float = 5.0) -> bytes:
    async def once() -> bytes:
        return await https_fetch(timeout_s=timeout_s, max_bytes=10_000)(url)

    return asyncio.run(once())


def test_a_document_is_fetched_whole(publisher: str) -> None:
    assert fetch(f"{publisher}/good") == DOCUMENT
    assert Handler.asked == [("/good", "application/jwk-set+json, application/json")]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing", "status 404"),
        ("/empty", "status 204"),
        ("/moved", "status 302"),
        ("/long", "longer than 10000 bytes"),
        ("/short", "broke off"),
    ],
)
def test_anything_but_a_document_is_a_failure(publisher: str, path: str, why: str) -> None:
    with pytest.raises(KeyFetchError, match=why):
        fetch(publisher + path)

    assert len(Handler.asked) == 1


@pytest.mark.parametrize("path", ["/silent", "/dripping"])
def test_a_slow_publisher_is_given_up(publisher: str, path: str) -> None:
    with pytest.raises(KeyFetchError, match=r"too slow|timed out"):
        fetch(publisher + path, timeout_s=0.1)


def test_a_closed_port_is_a_failure() -> None:
    with pytest.raises(KeyFetchError, match="could not be reached"):
        fetch("http://127.0.0.1:1/jwks")


def test_remote_keys_use_it_by_default(publisher: str) -> None:
    async def main() -> None:
        async with RemoteKeys(f"{publisher}/good") as keys:
            assert [key.kid for key in keys.current().keys] == ["k1"]

    asyncio.run(main())
