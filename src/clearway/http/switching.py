# A connection that another protocol takes over.
#
# A client asks for it with `connection: upgrade`. The reader takes note and keeps what comes behind the
# request: it is the new protocol's if the answer is 101, and else the next request's. A plug says yes with
# `switched(conn, successor)`; the exchange then writes the head and hands the transport over. It ends, with
# its hooks, when the transport is lost.
"""Leaving a connection to another protocol (101, RFC 9110 section 7.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from clearway.clock import wall
from clearway.http._messages import FRAMING, write_lines
from clearway.http.deadlines import Deadlines
from clearway.http.encode import fields, http_date, status_line
from clearway.http.head import Framing, options
from clearway.plug import Conn
from clearway.plug.conn import switch_protocols

__all__ = ["Successor", "is_upgrade", "switched", "switching_head", "upgrade_of"]

SPOKEN = frozenset(["websocket"])
"""Protocols that a plug may switch to; who asks for another one is answered as if it had not."""

UPGRADE = "clearway.upgrade"
_OURS = FRAMING | {b"date"}


class Successor(asyncio.Protocol):
    """A protocol that takes a connection over.

    Attributes:
        lines: Header lines for the head of the 101.
    """

    lines: Sequence[tuple[bytes, bytes]] = ()

    def took_over(
        self,
        transport: asyncio.Transport,
        arrived: bytes,
        deadlines: Deadlines,
        left: Callable[[Exception | None, str, int], None],
    ) -> None:
        """Begin: `arrived` came already; `left(error, outcome, bytes_sent)` is said once it is over."""
        raise NotImplementedError

    def go_away(self) -> None:
        """End soon: the server stops."""
        raise NotImplementedError


def upgrade_of(framing: Framing) -> str | None:
    """Return the protocol that a request wants to switch to, in lower case, or None."""
    protocol = framing.get(b"upgrade")
    if protocol is None or b"upgrade" not in options(framing.get(b"connection", b"")):
        return None
    return protocol.decode("latin-1").lower()


def is_upgrade(conn: Conn, protocol: str) -> bool:
    """Tell whether the client asks to switch to `protocol`, in lower case."""
    return conn.private.get(UPGRADE) == protocol


def switched(conn: Conn, successor: Successor) -> Conn:
    """Decide on 101: `successor` takes the connection over once the adapter gets the returned conn."""
    return switch_protocols(conn)._with(resp_body=successor)  # type: ignore[arg-type]  # never sent


def switching_head(conn: Conn, successor: Successor) -> bytes:
    """Return the head of the 101."""
    lines, _ = write_lines(conn.resp_headers.raw, _OURS)
    return b"".join(
        (status_line(101), fields(successor.lines), lines, http_date(int(wall())), b"\r\n"),
    )
