"""What an app says of its response: checked, and made into headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from clearway.gateway.hosting.errors import AppError
from clearway.plug import Headers
from clearway.plug.asgi.behind import BOTH

__all__ = ["body_of", "content_length", "joined", "read_start", "response_headers", "status_of"]

_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_REMEMBERED = 1024  # heads, and lines, that were checked: apps send the same ones again and again
_LARGE = 16  # lines of a head, and of a value a 64th of its bytes, that are not remembered
_heads: dict[tuple[Any, ...], tuple[Headers, int | None]] = {}
_good: dict[Any, tuple[bytes, bytes]] = {}


def read_start(lines: Iterable[Any]) -> tuple[Headers, int | None]:
    """Return the headers of a start event, and the length that they announce.

    Raises `AppError` for what would split a message.
    """
    kept = tuple(lines)
    try:
        found = _heads.get(kept)
        if found is None:
            found = _read(kept)
            if len(kept) <= _LARGE and all(line in _good for line in kept):
                if len(_heads) >= _REMEMBERED:
                    _heads.clear()
                _heads[kept] = found
    except TypeError:  # lists, and what else cannot be looked up
        found = _read(kept)
    return found


def _read(lines: tuple[Any, ...]) -> tuple[Headers, int | None]:
    headers = response_headers(lines)
    return headers, content_length(headers)


def response_headers(lines: Iterable[Any]) -> Headers:
    """Return an app's headers; raise `AppError` for what would split a message."""
    kept = tuple(lines)
    try:
        found = [_good.get(line) or _checked(line) for line in kept]
    except TypeError:  # lists, and what else cannot be looked up
        found = [_checked(line) for line in kept]
    return Headers(tuple(found))


def _checked(line: Any) -> tuple[bytes, bytes]:
    try:
        name, value = line
        pair = bytes(memoryview(name)).lower(), bytes(memoryview(value)).strip(b" \t")
    except (TypeError, ValueError) as error:
        raise AppError(f"a response header is a pair of bytes, not {line!r:.80}") from error
    if not _NAME.fullmatch(pair[0]):
        raise AppError(f"{pair[0]!r:.80} is not the name of a header")
    if _UNSAFE.search(pair[1]):
        raise AppError(f"the value of the header {pair[0].decode()} holds a control character")
    if line.__class__ is tuple and line[0].__class__ is bytes and line[1].__class__ is bytes:
        if len(_good) >= _REMEMBERED:
            _good.clear()
        if len(pair[1]) <= _LARGE * 64:
            _good[line] = pair
    return pair


def joined(put: Headers, sent: Headers) -> Headers:
    """Return the headers that plugs put before, and those that the app sent, which win."""
    return put.joined(sent, BOTH) if put.raw else sent


def content_length(headers: Headers) -> int | None:
    """Return the length that the app announces, if it does."""
    digits = headers.get_raw(b"content-length")
    if digits is None or headers.get_raw(b"transfer-encoding") is not None:
        return None
    if not digits.isdigit():
        raise AppError(f"the app's content-length is {digits!r:.40}")
    return int(digits)


def status_of(event: Any) -> int:
    """Return the status of a start event."""
    status = event.get("status")
    if status.__class__ is not int:
        try:
            status = int(status)
        except (TypeError, ValueError) as error:
            raise AppError(f"the status of a response is a number, not {status!r:.40}") from error
    if not 200 <= status <= 999:
        raise AppError(f"the status of a response is 200 to 999, not {status}")
    return int(status)


def body_of(event: Any) -> bytes:
    """Return the body that an event holds."""
    body = event.get("body", b"")
    if body.__class__ is bytes:
        return body
    try:
        return bytes(memoryview(body))
    except TypeError as error:
        raise AppError(f"the body of a response is bytes, not {type(body).__name__}") from error
