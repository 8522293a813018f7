"""How much of anything one peer may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClientLimits", "ServerLimits"]


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a client may take; every limit has a status that says it was exceeded.

    Attributes:
        target_bytes: Length of the request target. 414. (nginx: 8k for the whole line.)
        head_bytes: Length of all header fields of a request. 431. (Node: 16 KiB.)
        header_count: Number of header fields. 431.
        body_bytes: Length of a request body; None for no limit. 413.
        header_read_s: From the first byte of a request (or the connect) to the end of its head. 408.
        body_read_s: Between two pieces of a request body. 408.
        idle_s: Between two requests of a connection. Closed without a word.
        send_s: For a client to take any of what waits for it. Aborted.
        half_close_s: For an answer to begin after the client closed its sending side.
        linger_s: For reading and dropping what a client still sends after an early answer.
        connections: Open connections. 503.
        unsent_bytes: Bytes waiting for a slow client before the body's source is paused.
    """

    target_bytes: int = 8 * 1024
    head_bytes: int = 32 * 1024
    header_count: int = 100
    body_bytes: int | None = None
    header_read_s: float = 20.0
    body_read_s: float = 30.0
    idle_s: float = 75.0
    send_s: float = 60.0
    half_close_s: float = 10.0
    linger_s: float = 2.0
    connections: int = 20_000
    unsent_bytes: int = 128 * 1024


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What an upstream may take.

    Attributes:
        connect_s: To accept a connection. 504.
        first_byte_s: From the end of the request to the head of the response. 504.
        idle_read_s: Between two pieces of a response body, or for taking a piece of a request body. The
            response is broken off; 504 if it had not begun.
        total_s: For a whole exchange; None for no limit. 504, or broken off.
        pool_idle_s: A connection waits for its next request at most this long. Set it below the target's own
            idle timeout (nginx: 75 s; Node and uvicorn: 5 s).
        pool_size: Idle connections kept per target.
        head_bytes: Length of a response head. 502.
        header_count: Number of header fields in a response. 502.
        unsent_bytes: Bytes waiting for a slow upstream before the request body's source is paused.
    """

    connect_s: float = 5.0
    first_byte_s: float = 60.0
    idle_read_s: float = 60.0
    total_s: float | None = None
    pool_idle_s: float = 55.0
    pool_size: int = 128
    head_bytes: int = 64 * 1024
    header_count: int = 200
    unsent_bytes: int = 128 * 1024
