"""Basic credentials, as they stand in an `authorization` header (RFC 7617)."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import NamedTuple

__all__ = ["Credentials", "parse_credentials"]

_BASIC = re.compile(rb"basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Credentials(NamedTuple):
    """What a client says its name and password are."""

    user: str
    password: bytes

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


def parse_credentials(header: bytes) -> Credentials | None:
    """Return the user and password of an `authorization` value, or None if it is not well-formed Basic.

        parse_credentials(b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")     # user "Aladdin"

    The text is UTF-8 and is split at the first colon; either side may be empty, and neither may hold a
    control character. Source: RFC 7617 section 2.
    """
    found = _BASIC.fullmatch(header)
    if found is None or len(found[1]) % 4:  # not every Python minds a padding that is too long
        return None
    try:
        text = a2b_base64(found[1], strict_mode=True).decode("utf-8")
    except (Base64Error, UnicodeDecodeError):
        return None
    user, colon, password = text.partition(":")
    if not colon or _CONTROL.search(text):
        return None
    return Credentials(user, password.encode("utf-8"))
