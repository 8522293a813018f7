"""Checks of constructor options, each with a sentence that says what is wrong and what would be right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from clearway.plug.errors import InvalidHeaderError, PlugOptionError
from clearway.plug.headers import encode_name

__all__ = ["header_name", "number", "one_of", "pairs", "text", "texts", "whole"]


def whole(option: str, value: Any, least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise PlugOptionError(f"{option} must be a whole number of at least {least}, not {value!r}")
    return value


def number(option: str, value: Any) -> float:
    """Return `value` if it is a number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise PlugOptionError(f"{option} must be a number above 0, not {value!r}")
    return float(value)


def one_of(option: str, value: Any, known: Iterable[str]) -> str:
    """Return `value` if it is one of the `known` words."""
    words = sorted(known)
    if not isinstance(value, str) or value not in words:
        raise PlugOptionError(f"{option} must be one of {', '.join(words)}, not {value!r}")
    return value


def text(option: str, value: Any) -> str:
    """Return `value` if it is a text."""
    if not isinstance(value, str):
        raise PlugOptionError(f"{option} must be a text, not {value!r}")
    return value


def texts(option: str, value: Any) -> tuple[str, ...]:
    """Return `value` as a tuple if it is several texts; one text alone is a mistake, not its letters."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise PlugOptionError(f"{option} must be a list of texts, not {value!r}")
    found = tuple(value)
    for each in found:
        if not isinstance(each, str):
            raise PlugOptionError(f"{option} must hold texts, not {each!r}")
    return found


def pairs(option: str, value: Any) -> tuple[tuple[str, str], ...]:
    """Return the items of `value` if it maps texts to texts."""
    if not isinstance(value, Mapping):
        raise PlugOptionError(f"{option} must be a table of texts, not {value!r}")
    for key, each in value.items():
        if not isinstance(key, str) or not isinstance(each, str):
            raise PlugOptionError(f"{option} must map texts to texts, not {key!r} to {each!r}")
    return tuple(value.items())


def header_name(option: str, value: Any) -> bytes:
    """Return `value` as a lower-case header name."""
    try:
        return encode_name(value)
    except (InvalidHeaderError, TypeError) as error:
        raise PlugOptionError(f"{option} holds {value!r}, which is no header name") from error
