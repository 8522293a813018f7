# From pydantic's errors to sentences.
#
# Rule 1: a value that may be a secret is never shown.
# Rule 2: one mistake, one sentence. pydantic reports a union once per branch; those are joined.
"""From pydantic's errors to sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from clearway.gateway.config.known_keys import did_you_mean, known_keys
from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.plugs import PLUG_NAMES
from clearway.gateway.config.problems import Problem, key_text, line_of

__all__ = ["explain"]

# Keys whose value may be a secret, also when it stands there by mistake.
_SECRET = re.compile(r"secret|passw|credential|private|users|^token$|^key$", re.IGNORECASE)
_INLINE_SECRET = re.compile(r"^(shared_|client_)?secret$|passw|private_key|^key$", re.IGNORECASE)

_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}


def explain(
    errors: Iterable[ErrorDetails],
    document: Mapping[str, Any],
    lines: Mapping[KeyPath, int],
    root: type[BaseModel],
) -> list[Problem]:
    """Return one problem per key that pydantic refused, in pydantic's order."""
    by_path: dict[KeyPath, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_real_path(error, document), []).append(error)
    return [
        Problem(key_text(path), line_of(path, lines), _sentence(path, found, root))
        for path, found in by_path.items()
    ]


def _real_path(error: ErrorDetails, document: Mapping[str, Any]) -> KeyPath:
    """Return where an error is, without the names of union branches that pydantic mixes in."""
    path: KeyPath = ()
    here: Any = document
    for part in error["loc"]:
        if isinstance(here, dict | list) and _holds(here, part):
            here = here[part]  # type: ignore[index]  # `_holds` says that this part fits
            path = (*path, part)
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _holds(here: dict[Any, Any] | list[Any], part: str | int) -> bool:
    if isinstance(here, dict):
        return part in here and here.get("use") != part
    return isinstance(part, int) and part < len(here)


def _sentence(path: KeyPath, errors: list[ErrorDetails], root: type[BaseModel]) -> str:
    error = errors[0]
    kind, loc = error["type"], error["loc"]
    wanted = [word for each in errors if (word := _wanted(each))]
    if wanted:
        return f"must be {' or '.join(dict.fromkeys(wanted))}, not {_shown(path, error['input'])}"
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), known_keys(root, loc[:-1]))
    if kind == "union_tag_invalid":
        tag = error["ctx"]["tag"]
        return f"no plug is called {tag!r}{did_you_mean(tag, PLUG_NAMES)}"
    if kind == "union_tag_not_found":
        return 'a plug is a name or a table with use = "NAME"'
    if kind == "too_short":
        return "must not be empty"
    if kind == "value_error":
        return _in_own_words(path, error)
    return f"{error['msg']}, not {_shown(path, error['input'])}"


def _wanted(error: ErrorDetails) -> str:
    """Return what would have been right, if that can be said in a few words."""
    kind = error["type"]
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {error['ctx'][name]:g}"
    if kind == "literal_error":
        expected: str = error["ctx"]["expected"]
        return expected.replace("True", "true").replace("False", "false").replace("'", '"')
    return _KINDS.get(kind, "")


def _in_own_words(path: KeyPath, error: ErrorDetails) -> str:
    """A validator of ours speaks of the value at hand, or of a table as a whole."""
    text, value = str(error["ctx"]["error"]), error["input"]
    of_table = isinstance(value, dict | list | BaseModel) or value in PLUG_NAMES
    return text if of_table else f"{_shown(path, value)} {text}"


def _unknown_key(name: str, known: Iterable[str]) -> str:
    if _INLINE_SECRET.search(name):
        return "secrets do not stand in a configuration: name an environment variable, or a file"
    return f"is not a key of this table{did_you_mean(name, known)}"


def _shown(path: KeyPath, value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if any(isinstance(part, str) and _SECRET.search(part) for part in path):
        return "this value"
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
