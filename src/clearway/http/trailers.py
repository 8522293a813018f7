"""Fields after a chunked body."""

from __future__ import annotations

from clearway.http.head import FRAMING, Raw
from clearway.plug.headers import RawHeaders

__all__ = ["safe_trailers"]

# RFC 9110 section 6.5.1: a trailer must not frame, route, authenticate or condition the message; who reads
# only the head would have decided without it.
_FORBIDDEN = FRAMING | {
    b"authorization",
    b"cache-control",
    b"content-encoding",
    b"content-range",
    b"content-type",
    b"cookie",
    b"forwarded",
    b"host",
    b"max-forwards",
    b"range",
    b"set-cookie",
    b"trailer",
    b"via",
    b"www-authenticate",
    b"x-real-ip",
}


def safe_trailers(fields: Raw) -> RawHeaders:
    """Return the fields that may stand after a body; the others are dropped (RFC 9110 section 6.5.2)."""
    return tuple(
        [
            pair
            for pair in fields
            if pair[0] not in _FORBIDDEN and not pair[0].startswith((b"x-forwarded-", b"if-"))
        ]
    )
