"""An ASGI server without a socket: it says what the script says, and keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from clearway.plug.asgi import App, Event, Scope

__all__ = ["Stage", "http_scope", "pieces", "websocket_scope"]

GONE: Event = {"type": "http.disconnect"}


def http_scope(
    method: str = "GET", target: str = "/", headers: Iterable[tuple[str, str]] = (), **more: Any
) -> Scope:
    """Return the scope that uvicorn makes of a request."""
    path, _, query = target.partition("?")
    lines = [("host", "example.org"), *headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines],
        "client": ("10.1.2.3", 4711),
        "server": ("127.0.0.1", 80),
        "state": {},
        **more,
    }


def websocket_scope(path: str = "/", **more: Any) -> Scope:
    """Return the scope of a handshake."""
    scope = http_scope(target=path, type="websocket", scheme="ws", **more)
    del scope["method"]
    return scope


def pieces(*body: bytes) -> list[Event]:
    """Return the events of a request's body."""
    return [
        {"type": "http.request", "body": piece, "more_body": at < len(body)}
        for at, piece in enumerate(body, 1)
    ]


class Stage:
    """Calls an app for one connection.

    `script` is what `receive` gives; after that it waits until `leave()` or the response is complete.
    `dies_after` is the number of events after which sending raises, as servers do since ASGI 2.4.
    """

    def __init__(self, script: Iterable[Event] = (), *, dies_after: int | None = None) -> None:
        self.script = list(script)
        self.told: list[Event] = []
        self.received = 0
        self.dies_after = dies_after
        self._over = asyncio.Event()

    async def play(self, app: App, scope: Scope | None = None) -> Stage:
        """Run `app` to its end."""
        await app(http_scope() if scope is None else scope, self.receive, self.send)
        return self

    async def receive(self) -> Event:
        self.received += 1
        if self.script:
            return self.script.pop(0)
        await self._over.wait()
        return GONE

    async def send(self, event: Event) -> None:
        if self.dies_after is not None and len(self.told) >= self.dies_after:
            raise ConnectionResetError("the client is gone")
        self.told.append(event)
        if event["type"] == "http.response.body" and not event.get("more_body"):
            self._over.set()

    def leave(self) -> None:
        """Let the client go."""
        self._over.set()

    @property
    def status(self) -> int:
        """The response's status."""
        status: int = self.told[0]["status"]
        return status

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The response's header lines."""
        return [(name.decode(), value.decode("latin-1")) for name, value in self.told[0]["headers"]]

    @property
    def body(self) -> bytes:
        """What was sent of the response's body."""
        return b"".join(event.get("body", b"") for event in self.told[1:])

    @property
    def is_complete(self) -> bool:
        """Whether the body's end was sent."""
        return len(self.told) > 1 and not self.told[-1].get("more_body", False)
