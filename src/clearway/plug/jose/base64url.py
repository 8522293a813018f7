"""Base64url without padding, in its one canonical spelling (RFC 7515 section 2, RFC 4648 section 3.5)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from binascii import Error as DecodeError
from binascii import a2b_base64

__all__ = ["decode", "encode"]

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def encode(data: bytes) -> bytes:
    """Return `data` in base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=")


def decode(text: bytes) -> bytes:
    """Return the bytes that `encode` would spell as `text`; raise ValueError if there are none.

        decode(b"AQAB")     # b"\\x01\\x00\\x01"
        decode(b"AB")       # ValueError: the four unused bits are not zero

    Padding, spaces, line breaks, the `+` and `/` of plain base64 and unused bits that are set all fail:
    a token with two spellings would have two cache entries and two fates in two parsers.
    """
    try:
        data = a2b_base64(text.translate(_TO_STANDARD) + b"=" * (-len(text) % 4))
    except DecodeError as error:
        raise ValueError("not base64url") from error
    # The decoder skips what it does not know, so we compare rather than list what it might have skipped.
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
