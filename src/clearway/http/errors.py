"""What can go wrong on the wire, named by whose fault it is; `outcome` is the word in logs and metrics."""

from __future__ import annotations

from clearway.errors import ClearwayError
from clearway.plug.errors import ClientClosedError
from clearway.plug.failure import outcome_of

__all__ = [
    "ClientClosedError",
    "UpstreamClosedError",
    "UpstreamConnectError",
    "UpstreamError",
    "UpstreamLoopError",
    "UpstreamProtocolError",
    "UpstreamTimeoutError",
    "outcome_of",
]


class UpstreamError(ClearwayError):
    """The upstream failed us.

    The text is for the log: it may name the upstream's address. Clients are told `public`.
    """

    status = 502
    outcome = "upstream_error"
    public = "the upstream failed"


class UpstreamConnectError(UpstreamError):
    """No connection to the upstream could be made."""

    outcome = "upstream_connect_failed"
    public = "the upstream cannot be reached"


class UpstreamClosedError(UpstreamError):
    """The upstream closed the connection before its answer was complete."""

    outcome = "upstream_closed"
    public = "the upstream closed the connection before its answer was complete"


class UpstreamLoopError(UpstreamError):
    """The request has been through this process before: an upstream points back at us."""

    status = 508
    outcome = "upstream_loop"
    public = "this request has been here before: an upstream points back at this gateway"


class UpstreamProtocolError(UpstreamError):
    """The upstream's answer is not HTTP/1.1, or its length is ambiguous."""

    outcome = "upstream_protocol_error"
    public = "the upstream's answer is not valid HTTP/1.1"


class UpstreamTimeoutError(UpstreamError):
    """The upstream took longer than the limits allow."""

    status = 504
    outcome = "upstream_timeout"
    public = "the upstream took too long"
