"""Write the tables of the reference from the code that they describe.

python -m docs.generate

config.md and cli.md begin with text of their own; what follows the mark is replaced.
plugs.md and http.md hold marks of their own, one above each table (`docs.docstring_tables`).
A house test fails while a page differs from what this writes.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from clearway.cli import main as root_command
from clearway.gateway.config import GatewayConfig
from clearway.gateway.config.routes import RedirectConfig, RespondConfig, RouteConfig
from clearway.gateway.config.section import one_or_more
from clearway.gateway.config.server import AdminConfig, LogConfig, ServerConfig
from clearway.gateway.config.upstreams import UpstreamConfig
from clearway.gateway.registry import PLUGS
from docs.docstring_tables import with_tables

REFERENCE = Path(__file__).parent / "reference"
MARK = "<!-- What follows is written by `python -m docs.generate`. -->"

TABLES: list[tuple[str, type[BaseModel]]] = [
    ("[[routes]]", RouteConfig),
    ("respond", RespondConfig),
    ("redirect", RedirectConfig),
    ("[upstreams.NAME]", UpstreamConfig),
    ("[server]", ServerConfig),
    ("[admin]", AdminConfig),
    ("[log]", LogConfig),
]
PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): ""}
MANY = {str: "texts", float: "numbers"}


def config_tables() -> str:
    """Return the tables of the configuration's reference."""
    parts = [*section("The root", GatewayConfig)]
    for name, model in TABLES:
        parts += section(f"`{name}`", model)
    parts.append("## Plugs\n")
    for name, kind in PLUGS.items():
        parts += section(f"`{name}`", kind.model, level="###")
    return "\n".join(parts)


def section(title: str, model: type[BaseModel], level: str = "##") -> Iterator[str]:
    """Yield the lines of one table's section."""
    first = (model.__doc__ or "").partition("\n\n")[0]
    yield f"{level} {title}\n\n{' '.join(first.split())}\n"
    rows = [(name, field) for name, field in model.model_fields.items() if name != "use"]
    if rows:
        yield "| key | is | default | what |\n| --- | --- | --- | --- |"
        yield from (row(name, field) for name, field in rows)
        yield ""


def row(name: str, field: FieldInfo) -> str:
    """Return the line of one key."""
    kind = kind_of(field.annotation, *field.metadata)
    return f"| `{name}` | {kind} | {default_of(field)} | {field.description} |".replace("|  |", "| |")


def kind_of(annotation: Any, *notes: Any) -> str:
    """Return what a value is, in words."""
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if any(getattr(note, "func", None) is one_or_more for note in notes):
        return f"text or {kind_of(annotation)}"
    if origin is typing.Annotated:
        return kind_of(*inside)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(filter(None, (kind_of(each, *notes) for each in inside))))
    if origin is typing.Literal:
        return " or ".join(f"`{json.dumps(each)}`" for each in inside)
    if origin is list:
        return list_kind(inside[0])
    if origin is dict:
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    return " ".join([PLAIN[annotation], *bounds(notes)]).strip()


def list_kind(item: Any) -> str:
    """Return what a list is, by what it holds."""
    plain = item
    while typing.get_origin(plain) is typing.Annotated:
        plain = typing.get_args(plain)[0]
    if typing.get_origin(plain) is typing.Literal:
        return "list of texts"
    if typing.get_origin(plain) in (typing.Union, types.UnionType):
        return "list of [plugs](#plugs)"
    return f"list of {MANY.get(plain, 'tables')}"


def bounds(notes: tuple[Any, ...]) -> Iterator[str]:
    """Yield the bounds of a number in words."""
    for note in notes:
        for each in [note, *getattr(note, "metadata", [])]:
            match each:
                case Gt(gt=bound):
                    yield f"above {bound}"
                case Ge(ge=bound):
                    yield f"from {bound}"
                case Le(le=bound):
                    yield f"to {bound}"


def default_of(field: FieldInfo) -> str:
    """Return the default as TOML; empty for one that is not there."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}) or isinstance(value, BaseModel):
        return ""
    return f"`{json.dumps(value)}`"


def commands() -> str:
    """Return the help of every command, and of those of each group behind the group's own."""
    settings = {**root_command.context_settings, "terminal_width": 100}
    return "\n".join(helps(click.Context(root_command, info_name="clearway", **settings)))


def helps(context: click.Context) -> Iterator[str]:
    """Yield the sections of a group's commands."""
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=name, parent=context, terminal_width=context.terminal_width)
        yield f"## `{below.command_path}`\n\n```text\n{command.get_help(below)}\n```\n"
        if isinstance(command, click.Group):
            yield from helps(below)


PAGES = {"config.md": config_tables, "cli.md": commands}
PAGES_WITH_TABLES = ("plugs.md", "http.md")


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each page and what should stand in it: its own text, and what is generated."""
    for name, generated in PAGES.items():
        page = REFERENCE / name
        beginning, mark, _ = page.read_text().partition(MARK)
        yield page, f"{beginning}{mark}\n\n{generated()}"
    for name in PAGES_WITH_TABLES:
        page = REFERENCE / name
        yield page, with_tables(page.read_text())


def main() -> None:
    """Write the pages."""
    for page, text in pages():
        page.write_text(text)


if __name__ == "__main__":
    main()
