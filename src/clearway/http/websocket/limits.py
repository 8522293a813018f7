"""How much of anything a WebSocket may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WebSocketLimits"]


@dataclass(frozen=True, slots=True)
class WebSocketLimits:
    """What a client may take once it has switched.

    Attributes:
        message_bytes: Length of a message, after it was decompressed. Closed with 1009.
        ping_interval_s: From the opening, or the last pong, to a ping; 0 for none.
        ping_timeout_s: From a ping to its pong; 0 for no limit. Closed with 1011.
        close_s: From our close frame to the client's. Cut off.
        send_s: For a client to take any of what waits for it. Cut off.
        deflate: Compress messages (RFC 7692) for clients that offer it.
        queued_bytes: Messages that wait for a slow app, before reading is paused.
    """

    message_bytes: int = 16 * 1024 * 1024
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 20.0
    close_s: float = 10.0
    send_s: float = 60.0
    deflate: bool = True
    queued_bytes: int = 64 * 1024
