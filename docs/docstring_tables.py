"""Write the tables of options that stand inside a page, from the signatures and docstrings behind them.

A page marks the place and names what it wants, and the table below the mark is replaced:

    <!-- Table of clearway.plug.plugs.RateLimit, in TOML rate_limit -->
    <!-- Table of clearway.http.ServerLimits -->
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from clearway.gateway.registry import PLUGS

PLACE = re.compile(
    r"(?P<mark>^<!-- Table of (?P<module>[\w.]+)\.(?P<name>\w+)(?:, in TOML (?P<toml>\w+))? -->\n\n)"
    r"(?:^\|[^\n]*\n)*\n*",
    re.MULTILINE,
)
# The lines of a docstring's section are indented; one entry's further lines are indented more.
SECTION = re.compile(r"^(?:Options|Attributes):\n(?P<lines>(?:    [^\n]*\n?)+)", re.MULTILINE)
ENTRY = re.compile(r"^    (?P<name>\w+): (?P<text>[^\n]*(?:\n {5,}[^\n]*)*)", re.MULTILINE)

# An option that has another name in TOML, or several.
RENAMED = {
    ("basic_auth", "file"): ["htpasswd"],
    ("bearer", "keys"): ["secret_env", "key_file", "jwks_file", "jwks_url"],
}


def with_tables(text: str) -> str:
    """Return the text of a page with the table below each mark replaced."""
    return PLACE.sub(lambda place: f"{place['mark']}{table(place)}\n", text)


def table(place: re.Match[str]) -> str:
    """Return the table that a mark asks for."""
    thing, toml = getattr(import_module(place["module"]), place["name"]), place["toml"]
    head = ["name", "default", *(["in TOML"] if toml else []), "what"]
    rows = [head, ["---"] * len(head)]
    parameters = inspect.signature(thing).parameters
    for name, what in entries(thing):
        cells = [f"`{name}`", default_of(parameters[name]), *([toml_of(toml, name)] if toml else []), what]
        rows.append(cells)
    return "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in rows)


def entries(thing: type) -> Iterator[tuple[str, str]]:
    """Yield each name in the docstring's list of options or attributes, with what is said of it."""
    section = SECTION.search(inspect.getdoc(thing) or "")
    assert section is not None, f"{thing.__name__} lists no options"
    for entry in ENTRY.finditer(section["lines"]):
        yield entry["name"], " ".join(entry["text"].split())


def default_of(parameter: inspect.Parameter) -> str:
    """Return a default as Python."""
    value: Any = parameter.default
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        return "one or more"
    if value is inspect.Parameter.empty:
        return "required"
    if callable(value):
        return f"`{value.__name__}`"
    return f"`{json.dumps(value)}`" if isinstance(value, str) else f"`{value!r}`"


def toml_of(plug: str, name: str) -> str:
    """Return the key of a plug's table that stands for an option; empty where there is none."""
    keys = RENAMED.get((plug, name), [name])
    return ", ".join(f"`{key}`" for key in keys if key in PLUGS[plug].model.model_fields)
