"""Path patterns: `/orders/:id`, `/files/:name.json`, `/static/*rest`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clearway.plug.errors import PlugOptionError

__all__ = ["Pattern"]

_PARAM = re.compile(r"(?P<prefix>[^:*\\]*):(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<suffix>[^:*\\]*)")
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
    """

    template: str
    segments: tuple[str | Param, ...]
    glob: str | None

    @classmethod
    def compile(cls, template: str) -> Pattern:
        """Parse `template`; raise `PlugOptionError` if it is not a pattern."""
        if not template.startswith("/"):
            raise PlugOptionError(f"route path {template!r} must begin with '/'")
        words = [word for word in template.split("/") if word]
        glob = None
        if words and (found := _GLOB.fullmatch(words[-1])):
            glob = found["name"]
            words.pop()
        pattern = cls(template, tuple(_segment(word, template) for word in words), glob)
        names = [segment.name for segment in pattern.segments if isinstance(segment, Param)]
        if len(set(names) | {glob}) != len(names) + 1:
            raise PlugOptionError(f"route path {template!r} names a param twice")
        return pattern

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """Return the params if `segments` fit, else None."""
        count = len(self.segments)
        if len(segments) != count and (self.glob is None or len(segments) < count):
            return None
        params: dict[str, str] = {}
        for want, have in zip(self.segments, segments, strict=False):
            if isinstance(want, str):
                if want != have:
                    return None
            elif (value := want.value(have)) is None:
                return None
            else:
                params[want.name] = value
        if self.glob is not None:
            params[self.glob] = "/".join(segments[count:])
        return params


def _segment(word: str, template: str) -> str | Param:
    literal = re.sub(r"\\(.)", r"\1", word)
    if not re.search(r"(?<!\\)[:*]", word):
        return literal
    found = _PARAM.fullmatch(word)
    if found is None:
        raise PlugOptionError(
            f"route path {template!r}: cannot read the segment {word!r}",
            hint="write :name or prefix:name.suffix for one segment, *name as the last for the rest",
        )
    return Param(found["name"], found["prefix"], found["suffix"])
