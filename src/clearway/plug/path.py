"""Request paths: the form that routes are matched on.

What is forwarded is the path as received; what is matched is its decoded segments. An upstream may decode,
merge or resolve more than we do, so every spelling on which two parsers could disagree about *which segment
is which* is refused here, before a rule such as "/admin needs a login" can be walked around.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from clearway.plug._values import split_plain
from clearway.plug.errors import RequestError

__all__ = ["split_path"]

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HIDDEN_SEPARATOR = re.compile(r"%(?:2f|5c|00)", re.IGNORECASE)
_RAW_UNSAFE = re.compile(r"[^!-~]|[\\#]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def split_path(path: str) -> tuple[str, ...]:
    """Return the decoded segments of `path`; empty ones are dropped, so `/a//b/` is `("a", "b")`.

        split_path("/orders/caf%C3%A9")     # ("orders", "café")

    Raises `RequestError` 400 for dot segments in any spelling, an encoded slash, backslash or NUL, a bare
    backslash or control, an escape that is none, and escapes that are not UTF-8.
    """
    segments = split_plain(path)
    return _split_carefully(path) if segments is None else segments


def _split_carefully(path: str) -> tuple[str, ...]:
    for pattern, what in (
        (_RAW_UNSAFE, "a character that a path may not hold"),
        (_BAD_ESCAPE, "a broken percent-escape"),
        (_HIDDEN_SEPARATOR, "an encoded slash, backslash or NUL"),
    ):
        if pattern.search(path):
            raise RequestError(400, f"the path holds {what}")
    try:
        segments = [unquote_to_bytes(segment).decode() for segment in path.split("/") if segment]
    except UnicodeDecodeError as error:
        raise RequestError(400, "the path's percent-escapes are not UTF-8") from error
    for segment in segments:
        # "..;x" is ".." to servers that know path parameters.
        if segment.partition(";")[0] in (".", ".."):
            raise RequestError(400, "the path holds a dot segment")
        if _CONTROL.search(segment):
            raise RequestError(400, "the path holds a control character")
    return tuple(segments)
