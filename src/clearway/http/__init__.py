"""HTTP/1.1 on the wire: the server's side and the client's, on uvloop and httptools."""

from clearway.http.deadlines import Deadlines
from clearway.http.errors import (
    ClientClosedError,
    UpstreamClosedError,
    UpstreamConnectError,
    UpstreamError,
    UpstreamLoopError,
    UpstreamProtocolError,
    UpstreamTimeoutError,
)
from clearway.http.limits import ClientLimits, ServerLimits
from clearway.http.server import Server, ServerStatistics

__all__ = [
    "ClientClosedError",
    "ClientLimits",
    "Deadlines",
    "Server",
    "ServerLimits",
    "ServerStatistics",
    "UpstreamClosedError",
    "UpstreamConnectError",
    "UpstreamError",
    "UpstreamLoopError",
    "UpstreamProtocolError",
    "UpstreamTimeoutError",
]
