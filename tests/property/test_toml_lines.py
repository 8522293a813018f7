"""Every key that tomllib finds has a line, no other has one, and the key can be read on that line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clearway.gateway.config.lines import KeyPath, find_lines

Draw = Callable[[st.SearchStrategy[Any]], Any]

SCALARS = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        "inf",
        "1979-05-27T07:32:00Z",
        "1979-05-27 07:32:00",
        "07:32:00",
        '""',
        "''",
        '"a#]}"',
    ]
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=6).map(
    lambda text: json.dumps(text, ensure_ascii=False)
)
LONG_TEXTS = st.sampled_from(
    ['"""\nx = 1\n"""', "'''\n[x]\n'''", '"""a ""b""\\""" """', "''' '' '''", '"""""""', "'''a''''"]
)
GAPS = st.sampled_from(["", " ", "\t", "\n", " # no key = 1\n", "\n\n  "])


class Writer:
    """Writes a random document whose keys all differ."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self._numbers = count()

    def document(self) -> str:
        parts = [self.pairs(), *(self.table(self.key()) for _ in range(self.draw(st.integers(0, 3))))]
        return "".join(parts)

    def table(self, name: str) -> str:
        kind = self.draw(st.sampled_from(["plain", "list", "nested"]))
        if kind == "plain":
            return f"[{name}]\n{self.pairs()}"
        if kind == "nested":
            return f"[{name} . {self.key()}] # [no]\n{self.pairs()}"
        headers = [f"[[{name}]]", f"[[ {name}.{self.key()} ]]", f"[{name}.{self.key()}]", f"[[{name}]]"]
        return "".join(f"{header}\n{self.pairs()}" for header in headers)

    def pairs(self) -> str:
        return "".join(f"{self.gap()}{self.pair(3)}\n" for _ in range(self.draw(st.integers(0, 3))))

    def pair(self, depth: int) -> str:
        dotted = ".".join(self.key() for _ in range(self.draw(st.integers(1, 2))))
        return f"{dotted} = {self.value(depth)}"

    def key(self) -> str:
        name = f"k{next(self._numbers)}"
        style = self.draw(st.sampled_from(["bare", "basic", "literal"]))
        return {"bare": name, "basic": f'"{name} \\"=."', "literal": f"'{name} #]'"}[style]

    def value(self, depth: int) -> str:
        kind = self.draw(st.sampled_from(["scalar", "text", "long", "list", "table"])) if depth else "scalar"
        match kind:
            case "list":
                items = [
                    f"{self.gap()}{self.value(depth - 1)}{self.gap()}"
                    for _ in range(self.draw(st.integers(0, 3)))
                ]
                end = "," if items and self.draw(st.booleans()) else ""
                return f"[{','.join(items)}{end}{self.gap()}]"
            case "table":
                return f"{{ {', '.join(self.pair(0) for _ in range(self.draw(st.integers(0, 2))))} }}"
            case "text":
                return str(self.draw(TEXTS))
            case "long":
                return str(self.draw(LONG_TEXTS))
        return str(self.draw(SCALARS))

    def gap(self) -> str:
        return str(self.draw(GAPS))


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(value, dict):
        inside: Any = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        return
    for part, below in inside:
        yield (*path, part)
        yield from paths(below, (*path, part))


@given(st.data(), st.sampled_from(["\n", "\r\n"]))
def test_every_key_has_its_line_and_nothing_else_has_one(data: st.DataObject, end: str) -> None:
    text = Writer(data.draw).document().replace("\n", end)
    content = tomllib.loads(text)

    lines = find_lines(text)

    assert set(lines) == set(paths(content))
    shown = text.split("\n")
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert path[-1].split()[0] in shown[line - 1]
