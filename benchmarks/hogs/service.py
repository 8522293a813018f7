"""What every Python server runs: `/health` answers at once, `/hog?seconds=N` computes for N seconds.

As an ASGI app (`app`), and as a WSGI one for gunicorn's threads (`wsgi`). A hog answers how much it computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any


def fib(number: int) -> int:
    """Compute as a handler does that nobody thought of: in Python, without an await."""
    return number if number < 2 else fib(number - 1) + fib(number - 2)


async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Answer by ASGI."""
    if scope["type"] != "http":
        return
    body = b"ok"
    if scope["path"] == "/hog":
        body = b"%d" % await hog(seconds_of(scope["query_string"].decode()))
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hog(seconds: float) -> int:
    """Compute, and return how many rounds were done."""
    rounds, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        fib(12)
        rounds += 1
    return rounds


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer by WSGI."""
    body = b"ok"
    if environ["PATH_INFO"] == "/hog":
        rounds, until = 0, time.monotonic() + seconds_of(environ["QUERY_STRING"])
        while time.monotonic() < until:
            fib(12)
            rounds += 1
        body = b"%d" % rounds
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def seconds_of(query: str) -> float:
    """Return N of `seconds=N`."""
    return float(query.partition("seconds=")[2] or 1)
