"""What can go wrong in a pipeline, named by whose fault it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearway.errors import ClearwayError

if TYPE_CHECKING:
    from clearway.plug.conn import Conn

__all__ = [
    "AlreadySentError",
    "ClientClosedError",
    "InvalidHeaderError",
    "NotSentError",
    "PlugContractError",
    "PlugOptionError",
    "RequestError",
    "conn_at_failure",
    "remember_conn",
]


class PlugContractError(ClearwayError):
    """A plug broke the contract: the fault is in the plug's code."""


class AlreadySentError(PlugContractError):
    """A plug changed the response after it was sent.

    Usually a plug sends without `halt()`, and the next one sends again.
    """


class NotSentError(PlugContractError):
    """The pipeline ended and no plug had sent a response."""


class InvalidHeaderError(PlugContractError):
    """A header name is not a token, or a value holds a byte that would split the message.

    Values are checked where they are written, so that no plug can be talked into header injection.
    Source: RFC 9110 section 5.5.
    """


class PlugOptionError(ClearwayError):
    """An option given to a plug's constructor is wrong: the fault is in the configuration."""


class RequestError(ClearwayError):
    """The client's request cannot be served as it is; `status` says why.

        raise RequestError(413, "the body is larger than 1048576 bytes")

    The text reaches the client: it must not hold secrets.
    """

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class ClientClosedError(ClearwayError):
    """The client went away before its answer was complete.

    Nobody reads the status; logs say 499, as nginx's do.
    """

    status = 499
    outcome = "client_closed"


def remember_conn(error: BaseException, conn: Conn) -> None:
    """Attach to `error` the newest conn that was current when it was raised.

    The innermost pipeline calls this first and wins, so that an adapter can run the hooks that were
    registered before the failure.
    """
    error.__dict__.setdefault("conn", conn)


def conn_at_failure(error: BaseException, default: Conn) -> Conn:
    """Return the conn that was current when `error` was raised, or `default`; ask once.

    The error forgets it: one object may be raised for many requests (a failed fetch that all of them waited
    for), and each must be answered for itself.
    """
    conn: Conn = error.__dict__.pop("conn", default)
    return conn
