# From pydantic's errors to sentences.
#
# Rule 1: a value that may be a secret is never shown.
# Rule 2: one mistake, one sentence. pydantic reports a union once per branch; those are joined.
"""From pydantic's errors to sentences."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, Tag
from pydantic_core import ErrorDetails

from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.plugs import PLUG_NAMES
from clearway.gateway.config.problems import Problem, key_text, line_of

__all__ = ["did_you_mean", "explain"]

_SECRET = re.compile(r"secret|passw|credential|private|users|token$|^key$", re.IGNORECASE)
_INLINE_SECRET = re.compile(r"secret|password|passwd|private_key|^key$", re.IGNORECASE)

_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("gt", "must be above {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than_equal": ("le", "must be at most {}"),
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
        by_path.setdefault(_real_path(error["loc"], document), []).append(error)
    return [
        Problem(key_text(path), line_of(path, lines), _sentence(path, found, root))
        for path, found in by_path.items()
    ]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` if a known word looks like `word`, else an empty text."""
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _real_path(loc: tuple[str | int, ...], document: Any) -> KeyPath:
    """Return `loc` without the names of union branches, which pydantic mixes into it."""
    path: list[str | int] = []
    here = document
    for part in loc:
        if (isinstance(here, dict) and part in here) or (isinstance(here, list) and isinstance(part, int) and part < len(here)):
            here = here[part]
            path.append(part)
        elif isinstance(here, dict) and part is loc[-1] and here.get("use") != part:
            path.append(part)
    return tuple(path)


def _sentence(path: KeyPath, errors: list[ErrorDetails], root: type[BaseModel]) -> str:
    error = errors[0]
    kind, context = error["type"], error.get("ctx", {})
    kinds = list(dict.fromkeys(_KINDS[each["type"]] for each in errors if each["type"] in _KINDS))
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), _keys_beside(error["loc"], root))
    if kind == "missing":
        return "is missing"
    if kind == "union_tag_invalid":
        tag = context["tag"]
        return f"no plug is called {tag!r}{did_you_mean(tag, PLUG_NAMES)}"
    if kind == "union_tag_not_found":
        return 'a plug is a name or a table with use = "NAME"'
    if kinds:
        return f"must be {' or '.join(kinds)}, not {_shown(path, error['input'])}"
    if kind in _BOUNDS:
        name, sentence = _BOUNDS[kind]
        return f"{sentence.format(context[name])}, not {_shown(path, error['input'])}"
    if kind == "literal_error":
        return f"must be {context['expected']}, not {_shown(path, error['input'])}"
    if kind == "too_short":
        return "must not be empty"
    if kind == "value_error":
        return _own_words(path, str(context["error"]), error["input"])
    return f"{error['msg']}, not {_shown(path, error['input'])}"


def _own_words(path: KeyPath, text: str, value: Any) -> str:
    return text if isinstance(value, dict | BaseModel) else f"{_shown(path, value)} {text}"


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


def _keys_beside(loc: tuple[str | int, ...], root: type[BaseModel]) -> list[str]:
    """Return the keys that the table around the last part of `loc` has."""
    node: Any = root
    for part in loc[:-1]:
        node = _step(node, part)
    model = next(
        (each for each in _options(node) if isinstance(each, type) and issubclass(each, BaseModel)), None
    )
    return [] if model is None else list(model.model_fields)


def _step(node: Any, part: str | int) -> Any:
    for option in _options(node):
        if isinstance(option, type) and issubclass(option, BaseModel) and part in option.model_fields:
            return option.model_fields[str(part)].annotation
        origin, inside = typing.get_origin(option), typing.get_args(option)
        if origin is list and isinstance(part, int):
            return inside[0]
        if origin is dict:
            return inside[1]
    return next((each for each in _options(node, part)), node)


def _options(node: Any, tag: object = None) -> list[Any]:
    """Return the plain types that `node` may be: of a union its members, or the one that `tag` names."""
    if typing.get_origin(node) is typing.Annotated:
        inner, *notes = typing.get_args(node)
        tags = [note.tag for note in notes if isinstance(note, Tag)]
        return [] if tag is not None and tags and tag not in tags else _options(inner, tag)
    if typing.get_origin(node) is typing.Union or type(node).__name__ == "UnionType":
        return [found for member in typing.get_args(node) for found in _options(member, tag)]
    return [node]
