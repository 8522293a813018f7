"""What can go wrong on the wire, named by whose fault it is; `outcome` is the word in logs and metrics."""

from __future__ import annotations

from clearway.errors import ClearwayError

__all__ = [
    "ClientClosedError",
    "UpstreamClosedError",
    "UpstreamConnectError",
    "UpstreamError",
    "UpstreamProtocolError",
    "UpstreamTimeoutError",
    "outcome_of",
]


class ClientClosedError(ClearwayError):
    """The client went away before its answer was complete; nobody reads the status, logs say nginx's 499."""

    status = 499
    outcome = "client_closed"


class UpstreamError(ClearwayError):
    """The upstream failed us."""

    status = 502
    outcome = "upstream_error"


class UpstreamConnectError(UpstreamError):
    """No connection to the upstream could be made."""

    outcome = "upstream_connect_failed"


class UpstreamClosedError(UpstreamError):
    """The upstream closed the connection before its answer was complete."""

    outcome = "upstream_closed"


class UpstreamProtocolError(UpstreamError):
    """The upstream's answer is not HTTP/1.1, or its length is ambiguous."""

    outcome = "upstream_protocol_error"


class UpstreamTimeoutError(UpstreamError):
    """The upstream took longer than the limits allow."""

    status = 504
    outcome = "upstream_timeout"


_BY_STATUS = {408: "client_timeout", 413: "body_too_large", 414: "target_too_long", 431: "head_too_large"}


def outcome_of(error: BaseException) -> str:
    """Return the word that logs and metrics use for how a request ended."""
    named = getattr(error, "outcome", None)
    if isinstance(named, str):
        return named
    status = getattr(error, "status", 500)
    return _BY_STATUS.get(status, "bad_request" if 400 <= status < 500 else "error")
