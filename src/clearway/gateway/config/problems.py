"""What is wrong with a configuration: every mistake, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from clearway.errors import ClearwayError
from clearway.gateway.config.lines import KeyPath

__all__ = ["ConfigError", "Problem", "key_text", "line_of"]


class Problem(NamedTuple):
    """One mistake in a configuration, or one thing that is probably one.

    Attributes:
        key: Where it is, as in `routes[0].upstream`; empty for the file as a whole.
        line: The line of the file, or None if there is none.
        text: What is wrong.
    """

    key: str
    line: int | None
    text: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"line {self.line}"
        place = f"{self.key} ({line})" if self.key and line else self.key or line
        return f"{place}: {self.text}" if place else self.text


class ConfigError(ClearwayError):
    """A configuration cannot be used; `problems` holds every reason.

    Attributes:
        name: The file, as it was named.
        problems: What is wrong, in the order of the file.
    """

    exit_code = 2  # the user's mistake, like one on the command line

    def __init__(self, name: str, problems: Iterable[Problem], *, hint: str = "") -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda each: each.line or 0))
        super().__init__(f"{name} {self._report()}", hint=hint)

    def _report(self) -> str:
        if len(self.problems) == 1 and not self.problems[0].key and self.problems[0].line is None:
            return self.problems[0].text  # about the file as a whole
        count = len(self.problems)
        what = "a mistake" if count == 1 else f"{count} mistakes"
        return f"has {what}\n" + "".join(f"\n  {each}" for each in self.problems)


def key_text(path: KeyPath) -> str:
    """Return `path` as people write it: `("routes", 0, "upstream")` is `routes[0].upstream`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """Return the line of `path`, or of the nearest table around it."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None
