# Where each key of a TOML document stands.
#
# tomllib gives values without positions. This scanner walks a document that tomllib has accepted, and notes
# on which line each key and each item of a list begins. It checks nothing, because tomllib has; a property
# test holds that it finds every key that tomllib finds.
"""Where each key of a TOML document stands."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

__all__ = ["KeyPath", "find_lines"]

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]+")


def find_lines(document: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of each key and list item of a valid TOML `document`.

    find_lines("[a]\\nb = [7]")     # {("a",): 1, ("a", "b"): 2, ("a", "b", 0): 2}
    """
    return _Scanner(document.replace("\r\n", "\n")).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [i for i, char in enumerate(text) if char == "\n"]
        self._tables: dict[KeyPath, int] = {}  # how many [[tables]] of each name were met
        self._lines: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _header(self) -> KeyPath:
        begun = self._at
        repeats = self._take("[") and self._take("[")
        path: KeyPath = ()
        for name in self._key():
            path = self._inside((*path, name))
            self._note(path, begun)
        self._skip(_SPACE)
        self._at += 2 if repeats else 1
        if not repeats:
            return path
        name_of_list = path if isinstance(path[-1], str) else path[:-1]
        count = self._tables.get(name_of_list, 0)
        self._tables[name_of_list] = count + 1
        self._note((*name_of_list, count), begun)
        return (*name_of_list, count)

    def _inside(self, path: KeyPath) -> KeyPath:
        """Return the newest table of a list of tables, or `path` itself."""
        count = self._tables.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: KeyPath) -> None:
        begun, path = self._at, table
        for name in self._key():
            path = (*path, name)
            self._note(path, begun)
        self._skip(_SPACE)
        self._take("=")
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            raw = self._match(_KEY)
            names.append(tomllib.loads(f"k = {raw}")["k"] if raw[0] in "\"'" else raw)
            self._skip(_SPACE)
            if not self._take("."):
                return names

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        if self._take("["):
            self._items(path)
        elif self._take("{"):
            while not self._take_after_blank("}"):
                self._pair(path)
                self._take_after_blank(",")
        elif self._text[self._at] in "\"'":
            self._match(_TEXT)
        else:
            self._match(_PLAIN)

    def _items(self, path: KeyPath) -> None:
        count = 0
        while not self._take_after_blank("]"):
            self._note((*path, count), self._at)
            self._value((*path, count))
            self._take_after_blank(",")
            count += 1

    def _note(self, path: KeyPath, at: int) -> None:
        self._lines.setdefault(path, bisect_left(self._breaks, at) + 1)

    def _take(self, char: str) -> bool:
        found = self._text.startswith(char, self._at)
        self._at += found
        return found

    def _take_after_blank(self, char: str) -> bool:
        self._skip(_BLANK)
        return self._take(char)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._match(pattern)
        return self._at

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None, "tomllib takes only documents that these patterns fit"
        self._at = found.end()
        return found[0]
