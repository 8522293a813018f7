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
    model = next(filter(_is_model, _members(node)), None)
    return [] if model is None else list(model.model_fields)


def _below(node: Any, part: str | int) -> Any:
    """Return the annotation of what `part` leads to: a key, an index, or the tag of a union's member."""
    for member in _members(node):
        if _is_model(member) and part in member.model_fields:
            return member.model_fields[part].annotation
        inside = typing.get_args(member)
        if typing.get_origin(member) is list and isinstance(part, int):
            return inside[0]
        if typing.get_origin(member) is dict:
            return inside[1]
    return next(iter(_members(node, tag=part)), node)


def _members(node: Any, tag: str | int | None = None) -> list[Any]:
    """Return what `node` may be: itself, or the members of a union, of which `tag` may name one."""
    origin = typing.get_origin(node)
    if origin is typing.Annotated:
        inner, *notes = typing.get_args(node)
        tags = [note.tag for note in notes if isinstance(note, Tag)]
        return [] if tag is not None and tags and tag not in tags else _members(inner, tag)
    if origin in (typing.Union, types.UnionType):
        return [found for member in typing.get_args(node) for found in _members(member, tag)]
    return [node]


def _is_model(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, BaseModel)
