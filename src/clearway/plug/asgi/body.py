"""Bodies of responses that are not bytes."""

from __future__ import annotations

from collections.abc import AsyncIterable

from clearway.plug.stream import Stream

__all__ = ["dispose"]


async def dispose(body: Stream | AsyncIterable[bytes]) -> None:
    """Let go of a body, read to its end or not: whoever produces it must hear that nobody wants the rest."""
    if isinstance(body, Stream):
        body.cancel()
    elif (close := getattr(body, "aclose", None)) is not None:
        await close()
