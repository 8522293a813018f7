# Templates of header values.
#
# Rule: a template has a value or none, never half of one. Where one of its fields is missing, or the result
#       is nothing that a header can carry, the value is None, and who asked removes the header.
"""Header values with fields in them, such as `"user {claims.sub}"`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError

__all__ = ["FIELDS", "Template", "compile_template"]

Template = Callable[[Conn], bytes | None]
Field = Callable[[Conn], str | None]

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]")
_CLAIM = re.compile(r"claims\.(?P<path>[^.\s]+(?:\.[^.\s]+)*)")
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

FIELDS: Mapping[str, Field] = {
    "client_ip": lambda conn: conn.peer[0] if conn.peer is not None else None,
    "host": lambda conn: conn.host or None,
    "method": lambda conn: conn.method,
    "principal": lambda conn: conn.principal.name if conn.principal is not None else None,
    "request_id": lambda conn: conn.request_id,
    "route": lambda conn: conn.route,
    "scheme": lambda conn: conn.scheme,
}


def compile_template(text: str) -> Template:
    """Return a function that gives the header value of `text` for a conn, or None.

        compile_template("user {claims.sub}")(conn)     # b"user acme"; None without that claim

    A field is a name of `FIELDS`, or `claims.` and the path of a claim; `{{` and `}}` stand for braces.
    A claim that is a list or an object is written as JSON. Text outside of ASCII is written in UTF-8.
    """
    parts = [_part(found, text) for found in _PART.finditer(text)]
    if all(isinstance(part, str) for part in parts):
        fixed = _encode("".join(map(str, parts)))
        if fixed is None:
            raise PlugOptionError(f"header value {text!r} holds a control character")
        return lambda conn: fixed
    return _joined(parts)


def _part(found: re.Match[str], text: str) -> str | Field:
    match found[0]:
        case "{{" | "}}":
            return found[0][0]
        case "{" | "}":
            raise PlugOptionError(
                f"header value {text!r} has a single brace", hint="write {{ or }} for a brace"
            )
    return found[0] if found[1] is None else _field(found[1], text)


def _field(name: str, text: str) -> Field:
    if name in FIELDS:
        return FIELDS[name]
    if found := _CLAIM.fullmatch(name):
        path = found["path"]
        return lambda conn: _claim(conn, path)
    raise PlugOptionError(
        f"header value {text!r}: {{{name}}} is no field", hint=f"known: {', '.join(FIELDS)}, claims.NAME"
    )


def _joined(parts: Sequence[str | Field]) -> Template:
    def fill(conn: Conn) -> bytes | None:
        filled = [part if isinstance(part, str) else part(conn) for part in parts]
        return None if None in filled else _encode("".join(filter(None, filled)))

    return fill


def _claim(conn: Conn, path: str) -> str | None:
    value: Any = conn.principal.claims if conn.principal is not None else {}
    if path in value:  # issuers name claims of their own by URLs, which have dots
        return _text(value[path])
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), default=dict)  # claims may be read-only mappings


def _encode(value: str) -> bytes | None:
    """Return `value` as a header carries it, or None if it cannot."""
    if _UNSAFE.search(value):
        return None
    try:
        return value.strip(" \t").encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON lets through
        return None
