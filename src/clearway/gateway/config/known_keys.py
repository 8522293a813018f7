"""Which keys a table has: a walk down the annotations of the models, for "did you mean"."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, Tag

__all__ = ["did_you_mean", "known_keys"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` if a known word looks like `word`, else an empty text."""
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def known_keys(root: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Return the keys of the table at `loc`, a place as pydantic's errors name it, below `root`.

    known_keys(GatewayConfig, ("routes", 0, "plugs", 1, "bearer"))     # ["use", "secret_env", ...]
    """
    node: Any = root
    for part in loc:
        node = _below(node, part)
    models = [member for member, _ in _members(node) if _is_model(member)]
    return list(models[0].model_fields) if models else []


def _below(node: Any, part: str | int) -> Any:
    """Return the annotation of what `part` leads to: the tag of a union's member, a key, or an index."""
    for member, tag in _members(node):
        if tag is not None and tag == part:
            return member
    for member, _ in _members(node):
        inside = typing.get_args(member)
        if _is_model(member) and part in member.model_fields:
            return member.model_fields[part].annotation
        if typing.get_origin(member) is list and isinstance(part, int):
            return inside[0]
        if typing.get_origin(member) is dict:
            return inside[1]
    return node


def _members(node: Any, tag: str | None = None) -> list[tuple[Any, str | None]]:
    """Return what `node` may be, each with its tag: itself, or the members of a union."""
    origin = typing.get_origin(node)
    if origin is typing.Annotated:
        inner, *notes = typing.get_args(node)
        return _members(inner, next((note.tag for note in notes if isinstance(note, Tag)), tag))
    if origin in (typing.Union, types.UnionType):
        return [found for member in typing.get_args(node) for found in _members(member, tag)]
    return [(node, tag)]


def _is_model(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, BaseModel)
