"""An ASGI app behind our server, on the network without sockets."""

from __future__ import annotations

from typing import Any

from clearway.gateway.hosting import AsgiApp
from clearway.http import ServerLimits
from clearway.plug import Plug
from clearway.plug.asgi import App, Event, Receive, Scope, Send
from tests.wire.answers import Answer, read_answers
from tests.wire.gateway import Gateway
from tests.wire.memory import FarEnd, settle

__all__ = ["GET", "POST", "Actor", "Hosted", "answer", "body_event", "hosted", "piece", "start"]

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 18\r\n\r\n"


def start(status: int = 200, *headers: tuple[bytes, bytes]) -> Event:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def piece(body: bytes, *, more: bool = False) -> Event:
    return {"type": "http.response.body", "body": body, "more_body": more}


def body_event(body: bytes, *, more: bool = False) -> Event:
    return {"type": "http.request", "body": body, "more_body": more}


class Actor:
    """An app that sends given events, and keeps what it was told.

    Attributes:
        scopes: The scope of each request.
        errors: What its `send` raised.
    """

    def __init__(self, *events: Event) -> None:
        self.events = events
        self.scopes: list[Scope] = []
        self.errors: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        try:
            for event in self.events:
                await send(event)
        except Exception as error:
            self.errors.append(str(error))
            raise


class Hosted(Gateway):
    """A gateway before one app."""

    app: AsgiApp

    async def ask(self, raw: bytes, *, piece: int = 0) -> FarEnd:
        """Send `raw` on a new connection, from a callback as a socket's bytes come, and wait."""
        client = self.connect()
        self.loop.call_soon(client.send, raw, piece)
        await settle()
        return client

    async def answers(self, raw: bytes, *methods: str) -> list[Answer]:
        """Send `raw` on a new connection and return what comes back."""
        client = await self.ask(raw)
        return read_answers(client.received, *methods, closed=client.is_closed)


async def hosted(
    app: App, *, before: tuple[Plug, ...] = (), limits: ServerLimits | None = None, **options: Any
) -> Hosted:
    """Return a gateway before `app`, which listens."""
    plug = AsgiApp(app, **options)
    gateway = Hosted(plug, before=before, limits=limits)
    gateway.app = plug
    await gateway.open()
    return gateway


async def answer(app: App, raw: bytes = GET, *methods: str, **options: Any) -> Answer:
    """Return the one answer that `app` gives to `raw`."""
    (found,) = await (await hosted(app, **options)).answers(raw, *methods)
    return found
