"""A client for a server of profiles: one request, as bytes."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

__all__ = ["PATIENCE_S", "Got", "ask", "connect", "open_fds", "received", "request", "until"]

PATIENCE_S = 20.0


class Got(NamedTuple):
    """A response: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def connect(address: str) -> socket.socket:
    """Connect to `HOST:PORT` or `unix:/path`."""
    if address.startswith("unix:"):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE_S)
        client.connect(address.removeprefix("unix:"))
        return client
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S)


def request(path: str, method: str = "GET", **headers: str) -> bytes:
    """Return a request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {v}" for name, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def ask(address: str, path: str, method: str = "GET", **headers: str) -> Got:
    """Send a request and return the whole response."""
    with connect(address) as client:
        client.sendall(request(path, method, **{"host": "localhost", **headers}))
        return received(client)


def received(client: socket.socket) -> Got:
    """Return the response that `client` is sent, up to the end of the connection."""
    data = b""
    while piece := client.recv(1 << 16):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert "content-length" not in headers or int(headers["content-length"]) == len(body)
    return Got(int(first.split()[1]), headers, body)


def until(is_so: Callable[[], object], what: str = "it") -> None:
    """Wait until `is_so()`: for what another thread or process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.005)


def open_fds() -> int:
    """Return how many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))
