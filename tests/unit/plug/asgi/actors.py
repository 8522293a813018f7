"""Who plays on the stage: plugs and apps, and one who listens for the end."""

from __future__ import annotations

from clearway.plug import Conn, Sent
from clearway.plug.asgi import Receive, Scope, Send

__all__ = ["Ends", "echo", "hello"]


class Ends:
    """A plug that keeps how responses end."""

    def __init__(self) -> None:
        self.seen: list[tuple[int | None, Sent]] = []

    def __call__(self, conn: Conn) -> Conn:
        return conn.register_after_send(lambda conn, sent: self.seen.append((conn.status, sent)))

    @property
    def outcome(self) -> tuple[int | None, int, str]:
        ((status, sent),) = self.seen
        return status, sent.bytes_sent, sent.outcome


def hello(conn: Conn) -> Conn:
    return conn.send_resp(200, b"hello")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers with the request's body, piece by piece."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"echo")]})
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event.get("body", b""), "more_body": more})
