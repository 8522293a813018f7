"""The two ends of a connection, as a transport knows them."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

__all__ = ["Ends", "ends_of"]


class Ends(NamedTuple):
    """Who is at the other end, what it has connected to, and how.

    Attributes:
        peer: Host and port of the client; None for a Unix socket.
        local: Host and port, or the path of a Unix socket and None.
        scheme: "https" under TLS.
    """

    peer: tuple[str, int] | None
    local: tuple[str, int | None] | None
    scheme: str


def ends_of(transport: asyncio.BaseTransport) -> Ends:
    """Return the ends of a connection."""
    peer, local = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return Ends(
        (peer[0], peer[1]) if isinstance(peer, tuple) else None,
        (local[0], local[1]) if isinstance(local, tuple) else (local, None) if local else None,
        "http" if transport.get_extra_info("sslcontext") is None else "https",
    )
