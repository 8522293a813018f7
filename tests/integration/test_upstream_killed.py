"""An upstream whose process is killed: the client of the moment is told, the next one is served again."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from clearway.http import ClientLimits
from clearway.testing import Wire
from tests.integration.real_gateway import real_gateway

pytestmark = pytest.mark.slow

# Says its port, then answers each request with as much as it was told to, and waits to be killed.
SERVICE = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    connection.sendall(eval(sys.argv[2]))
    print("asked", flush=True)
"""
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 500_000
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Service:
    """The process of an upstream."""

    def __init__(self, answer: bytes, port: int = 0) -> None:
        command = [sys.executable, "-c", SERVICE, str(port), repr(answer)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    async def asked(self) -> None:
        """Wait until it has answered as much as it will."""
        assert await asyncio.to_thread(self._line) == "asked\n"

    def kill(self) -> None:
        """Kill it, with nothing said to anybody."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.mark.parametrize(
    ("what", "raw", "answer", "status", "body"),
    [
        ("before its answer", GET, b"", 502, None),
        ("within its head", GET, b"HTTP/1.1 200 OK\r\n", 502, None),
        ("within its body", GET, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", 200, b"hello"),
        ("within an upload", POST, b"", 502, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_upstream_is_killed(
    what: str, raw: bytes, answer: bytes, status: int, body: bytes | None
) -> None:
    service = Service(answer)
    async with real_gateway(service.port, client_limits=ClientLimits(connect_s=1)) as gateway:
        async with Wire.to(gateway.address) as wire:
            await wire.send(raw)
            await service.asked()
            service.kill()
            response = await wire.response()

            assert response.status == status
            assert response.is_whole is (body is None)
            assert body is None or response.body == body
            assert await gateway.outcomes() == ["upstream_closed"]

        again = Service(OK, service.port)
        async with Wire.to(gateway.address) as wire:
            await wire.send(GET)
            assert (await wire.response()).text == "ok"
        again.kill()


async def test_a_pooled_connection_to_a_killed_upstream_is_not_used() -> None:
    service = Service(OK)
    async with real_gateway(service.port) as gateway, Wire.to(gateway.address) as wire:
        await wire.send(GET)
        assert (await wire.response()).status == 200
        service.kill()
        await wire.send(GET.replace(b"GET", b"POST"))

        assert (await wire.response()).status == 502
        assert (await gateway.outcomes(2))[1] in ("upstream_connect_failed", "upstream_closed")
