"""Path patterns: `/orders/:id`, `/files/:name.json`, `/static/*rest`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clearway.plug.errors import PlugOptionError

__all__ = ["Pattern"]

_PARAM = re.compile(r"(?P<prefix>[^:*\\]*):(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<suffix>[^:*\\]*)")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_GLOB = re.compile(r"\*(?P<name>[A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Param:
    """One segment that is kept under `name`; may have a fixed prefix and suffix."""

    name: str
    prefix: str = ""
    suffix: str = ""

    def value(self, segment: str) -> str | None:
        """Return what the param stands for in `segment`, or None if the fixed parts differ."""
        end = len(segment) - len(self.suffix)
        if (
            end <= len(self.prefix)
            or not segment.startswith(self.prefix)
            or not segment.endswith(self.suffix)
        ):
            return None
        return segment[len(self.prefix) : end]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled path pattern.

        Pattern.compile("/orders/:id").match(("orders", "7"))       # {"id": "7"}
        Pattern.compile("/static/*rest").match(("static", "a", "b"))  # {"rest": "a/b"}

    `:name` takes one segment, with an optional fixed prefix and suffix (`/:name.json`).
    `*name` takes what is left, also nothing, and stands last.
    A backslash takes the next character as it is: `/\\\\:x` matches `/:x`.

    Attributes:
        template: The pattern as written: the route's low-cardinality name.
        segments: A literal or a `Param` for each segment before the glob.
        glob: The glob's name, or None.
        whole: The names of the params that take a whole segment, with its position; None if a param has a
            prefix or suffix and so may still refuse.
    """

    template: str
    segments: tuple[str | Param, ...]
    glob: str | None
    whole: tuple[tuple[str, int], ...] | None

    @classmethod
    def compile(cls, template: str) -> Pattern:
        """Parse `template`; raise `PlugOptionError` if it is not a pattern."""
        if not template.startswith("/"):
            raise PlugOptionError(f"route path {template!r} must begin with '/'")
        words = [word for word in template.split("/") if word]
        glob = _GLOB.fullmatch(words[-1]) if words else None
        segments = tuple(_segment(word, template) for word in (words[:-1] if glob else words))
        params = [(part, at) for at, part in enumerate(segments) if isinstance(part, Param)]
        affixed = any(param.prefix or param.suffix for param, _ in params)
        whole = None if affixed else tuple((param.name, at) for param, at in params)
        pattern = cls(template, segments, glob and glob["name"], whole)
        names = pattern.names()
        if len(set(names)) != len(names):
            raise PlugOptionError(f"route path {template!r} names a param twice")
        return pattern

    def names(self) -> list[str]:
        """Return the names of the params, in order, the glob's last."""
        names = [segment.name for segment in self.segments if isinstance(segment, Param)]
        return names if self.glob is None else [*names, self.glob]

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """Return the params if `segments` fit, else None."""
        count = len(self.segments)
        if len(segments) != count and (self.glob is None or len(segments) < count):
            return None
        for want, have in zip(self.segments, segments, strict=False):
            if isinstance(want, str) and want != have:
                return None
        return self.params(segments)

    def params(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """Like `match`, for segments whose number and literals are known to fit."""
        params: dict[str, str] = {}
        if self.whole is not None:
            for name, at in self.whole:  # until Python 3.12 a comprehension would take twice as long
                params[name] = segments[at]
        else:
            for want, have in zip(self.segments, segments, strict=False):
                if isinstance(want, Param):
                    if (value := want.value(have)) is None:
                        return None
                    params[want.name] = value
        if self.glob is not None:
            params[self.glob] = "/".join(segments[len(self.segments) :])
        return params


def _segment(word: str, template: str) -> str | Param:
    if not re.search(r"(?<!\\)[:*]", word):
        literal = re.sub(r"\\(.)", r"\1", word)
        _refuse_unreachable(literal, template)
        return literal
    found = _PARAM.fullmatch(word)
    if found is None:
        raise PlugOptionError(
            f"route path {template!r}: cannot read the segment {word!r}",
            hint="write :name or prefix:name.suffix for one segment, *name as the last for the rest",
        )
    return Param(found["name"], found["prefix"], found["suffix"])


def _refuse_unreachable(literal: str, template: str) -> None:
    if literal in (".", ".."):
        raise PlugOptionError(f"route path {template!r} can match nothing: dot segments are refused")
    if _ESCAPE.search(literal):
        raise PlugOptionError(
            f"route path {template!r} can match nothing: paths are matched decoded",
            hint="write the character itself, as in /café",
        )
