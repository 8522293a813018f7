# JSON that two parsers cannot read differently.
#
# Rule 1: what RFC 8259 leaves open (repeated names, numbers without bound, depth) is refused, as I-JSON
#         (RFC 7493) asks and RFC 7515 section 4 and RFC 7519 section 4 allow.
# Rule 2: every failure is a ValueError whose text holds nothing of the document, which may be a secret.
"""JSON that two parsers cannot read differently."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

__all__ = ["MAX_DEPTH", "loads", "loads_object"]

MAX_DEPTH = 32
"""Arrays and objects inside each other: registered claims need 3, and CPython's scanner dies at 1000."""

MAX_NUMBER_CHARS = 64
"""Characters of one number; the longest shortest spelling of a double has 24."""

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(document: bytes) -> Any:
    """Return the value of a UTF-8 JSON document; raise ValueError if it could be read in two ways.

        loads(b'{"a": 1, "a": 2}')      # ValueError: a name is repeated
        loads(b'[NaN, 1e400]')          # ValueError: a number is not finite

    Byte order marks, other encodings, lone surrogates and nesting below `MAX_DEPTH` fail as well.
    The caller bounds the length of the document.
    """
    try:
        text = document.decode("utf-8")
        _check_depth(text)
        value = _DECODER.decode(text)
        if _SURROGATE_ESCAPE.search(text):
            _check_surrogates(value)
    except json.JSONDecodeError:
        raise ValueError("not JSON") from None  # its text and `doc` attribute quote the document
    except UnicodeError:
        raise ValueError("not Unicode text") from None
    return value


def loads_object(document: bytes) -> dict[str, Any]:
    """Like `loads`, for a document that must be an object."""
    value = loads(document)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # the document is at fault
    return value


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # true of nearly every token, and cheap
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        depth += (match.group(1) is not None) - (match.group(2) is not None)
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")


def _check_surrogates(value: Any) -> None:
    # A lone \ud800 parses, and fails much later, where somebody writes it to a header or a log.
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is repeated")
    return members


def _integer(literal: str) -> int:
    if len(literal) > MAX_NUMBER_CHARS:
        raise ValueError("a number is too long")
    return int(literal)


def _real(literal: str) -> float:
    number = float(literal) if len(literal) <= MAX_NUMBER_CHARS else math.inf
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _constant(_name: str) -> NoReturn:
    raise ValueError("a number is not finite")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_real, parse_constant=_constant
)
