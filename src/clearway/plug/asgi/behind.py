"""What the app behind a pipeline sees of the request, and what its response becomes: no I/O of its own."""

from __future__ import annotations

from collections.abc import Iterable

from clearway.plug.asgi.client import Client
from clearway.plug.asgi.protocol import Event
from clearway.plug.errors import ClientClosedError
from clearway.plug.headers import Headers
from clearway.plug.stream import Stream

__all__ = ["BOTH", "BodyReceiver", "joined"]

# Lists by nature: a plug's cookie or `vary: origin` stands beside the app's.
BOTH = frozenset([b"set-cookie", b"vary", b"link"])


def joined(put: Headers, sent: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers that plugs put before, and those that the app sent.

    Where both name one, the app's stand, as with any verb that comes later; except for those of which a
    response may have several.
    """
    own = tuple([(bytes(name).lower(), bytes(value)) for name, value in sent])
    replaced = frozenset([name for name, _ in own]) - BOTH
    return Headers(put.delete_raw(replaced).raw + own)


class BodyReceiver:
    """An ASGI `receive` that reads a stream: for a body that a plug has begun to read, or put in place."""

    __slots__ = ("_body", "_client", "_is_over")

    def __init__(self, client: Client, body: Stream) -> None:
        self._client = client
        self._body = body
        self._is_over = False

    async def __call__(self) -> Event:
        if self._is_over:
            await self._client.wait_left()
            return {"type": "http.disconnect"}
        try:
            piece = await anext(self._body, None)
        except ClientClosedError:
            return {"type": "http.disconnect"}
        self._is_over = piece is None
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}
