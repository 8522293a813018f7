"""The response head of an upstream: which length, and whether it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from clearway.http.errors import UpstreamProtocolError
from clearway.http.head import Raw
from clearway.http.limits import ClientLimits

__all__ = ["ResponseHead", "read_response_head"]


@dataclass(slots=True)
class ResponseHead:
    """A response head as it came.

    Attributes:
        fields: All fields, names lower-case; the hop-by-hop ones too.
        length: Bytes of the body; None if the framing does not say it beforehand.
        until_close: Only the end of the connection ends the body.
        keep_alive: The connection can take another request.
    """

    status: int
    fields: Raw
    length: int | None
    until_close: bool
    keep_alive: bool


def read_response_head(
    status: int, version: str, fields: Raw, expects_body: bool, limits: ClientLimits
) -> ResponseHead:
    """Check what llhttp leaves to its user; raise `UpstreamProtocolError` for what it must not pass on.

    llhttp itself refuses repeated lengths, and a length beside Transfer-Encoding.
    Source: RFC 9112 section 6.3.
    """
    if not 100 <= status <= 599:
        raise UpstreamProtocolError(f"the upstream answered with the status {status}")
    if version not in ("1.1", "1.0"):
        raise UpstreamProtocolError(f"the upstream answered in HTTP/{version}")
    if len(fields) > limits.header_count:
        raise UpstreamProtocolError(f"the upstream sent more than {limits.header_count} header fields")
    index = dict(fields)
    connection = index.get(b"connection")
    keep_alive = version == "1.1"
    if connection is not None:
        options = connection.lower()
        keep_alive = b"close" not in options if keep_alive else b"keep-alive" in options
    if status < 200 or status in (204, 304) or not expects_body:
        return ResponseHead(status, fields, 0, False, keep_alive)
    coding = index.get(b"transfer-encoding")
    if coding is not None:
        if version == "1.0" or coding.lower() != b"chunked":
            raise UpstreamProtocolError("the upstream's Transfer-Encoding is not chunked alone")
        return ResponseHead(status, fields, None, False, keep_alive)
    digits = index.get(b"content-length")
    if digits is None:
        return ResponseHead(status, fields, None, True, False)
    return ResponseHead(status, fields, int(digits), False, keep_alive)
