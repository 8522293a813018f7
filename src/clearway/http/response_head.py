"""The response head of an upstream: where its body ends, and whether that can be trusted."""

from __future__ import annotations

from clearway.http._messages import ResponseHead
from clearway.http.errors import UpstreamProtocolError
from clearway.http.head import Framing, Raw, keep_unnamed, options
from clearway.http.limits import ClientLimits
from clearway.plug import Headers

__all__ = ["ResponseHead", "read_response_head"]


def read_response_head(
    status: int, version: str, fields: Raw, framing: Framing, expects_body: bool, limits: ClientLimits
) -> ResponseHead:
    """Check what llhttp leaves to its user; raise `UpstreamProtocolError` for what must not be passed on.

    llhttp itself refuses repeated lengths, and a length beside Transfer-Encoding.
    Source: RFC 9112 section 6.3.
    """
    if not 100 <= status <= 599:
        raise UpstreamProtocolError(f"the upstream answered with the status {status}")
    if version != "1.1" and version != "1.0":
        raise UpstreamProtocolError(f"the upstream answered in HTTP/{version}")
    if len(fields) > limits.header_count:
        raise UpstreamProtocolError(f"the upstream sent more than {limits.header_count} header fields")
    keep_alive = version == "1.1"
    connection = framing.get(b"connection")
    if connection is not None:
        said = options(connection)
        keep_alive = b"close" not in said and (keep_alive or b"keep-alive" in said)
        fields = keep_unnamed(fields, framing)
    if (status == 304 or not expects_body) and b"content-length" in framing:
        fields.append((b"content-length", framing[b"content-length"]))
    headers = Headers(tuple(fields))
    if status < 200 or status == 204 or status == 304 or not expects_body:
        return ResponseHead((status, headers, 0, False, keep_alive))
    coding = framing.get(b"transfer-encoding")
    if coding is not None:
        if version == "1.0" or coding.lower() != b"chunked":
            raise UpstreamProtocolError("the upstream's Transfer-Encoding is not chunked alone")
        return ResponseHead((status, headers, None, False, keep_alive))
    digits = framing.get(b"content-length")
    if digits is None:
        return ResponseHead((status, headers, None, True, False))
    return ResponseHead((status, headers, int(digits), False, keep_alive))
