"""The end of a response: everybody who asked to be told is told, once."""

from __future__ import annotations

import logging

from clearway.plug.conn import Conn, Sent

__all__ = ["run_after_send"]

log = logging.getLogger("clearway.plug")


def run_after_send(conn: Conn, sent: Sent) -> None:
    """Run the `after_send` hooks, last registered first; log one that fails, and go on."""
    for hook in reversed(conn.after_send):
        try:
            hook(conn, sent)
        except Exception:
            log.exception("after_send hook %r failed", hook)
