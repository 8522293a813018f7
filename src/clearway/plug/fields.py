"""The parts of a connection: its states, and who stands around it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from clearway.plug.headers import Headers
from clearway.plug.stream import Stream

if TYPE_CHECKING:
    from clearway.plug.conn import Conn

__all__ = ["Adapter", "AfterSend", "BeforeSend", "NoAdapter", "RespBody", "Sent", "State"]


class State(Enum):
    """How far the response is: nothing decided, hooks running, decided for good."""

    UNSET = "unset"
    SET = "set"
    SENT = "sent"


class Sent(NamedTuple):
    """How a response ended: what `register_after_send` hooks are told.

    Attributes:
        bytes_sent: Bytes of the body that were handed to the client's socket.
        duration_s: Seconds from the first byte of the request to the end of the response.
        outcome: `"complete"`, or who broke it off: `"client_closed"`, `"upstream_timeout"`, ...
    """

    bytes_sent: int
    duration_s: float
    outcome: str


class Adapter(Protocol):
    """What joins a pipeline to the world; a plug reaches it through the conn's verbs only."""

    def inform(self, status: int, headers: Headers) -> None:
        """Send an interim (1xx) response at once."""


class NoAdapter:
    """The adapter of a conn that no server made: interim responses go nowhere."""

    def inform(self, status: int, headers: Headers) -> None:
        """Drop the interim response, as HTTP/1.0 and RFC 9110 section 15.2 allow."""


BeforeSend = Callable[["Conn"], "Conn"]
"""A hook that runs when a response is decided; it may change headers and status, and must not send."""

AfterSend = Callable[["Conn", Sent], None]
"""A hook that runs once, when the response is complete or broke off."""

RespBody = bytes | Stream | AsyncIterable[bytes]
"""What a response's body may be."""
