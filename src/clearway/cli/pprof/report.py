"""How reports look: a head, and a table that is drawn at a terminal and plain elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from clearway.cli.pprof.units import percent, scaled, when

if TYPE_CHECKING:
    from clearway.cli.pprof.view import View
    from clearway.pprof.totals import Function, Total

__all__ = ["NUMBERS", "echo_table", "flat_and_cum", "head", "in_columns", "name_of"]

_WIDTHS = (10, 8, 8, 11, 8)
NUMBERS = ("flat", "flat%", "sum%", "cum", "cum%")


def head(view: View) -> Iterator[str]:
    """Yield the lines above every report."""
    profile = view.profile
    yield from profile.comments
    yield f"Type: {view.type}"
    if profile.time_ns:
        yield f"Time: {when(profile.time_ns)}"
    if profile.duration_ns:
        yield f"Duration: {scaled(profile.duration_ns, 'nanoseconds')}"


def flat_and_cum(view: View, totals: Iterable[Total]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each function's row."""
    above = 0
    for each in totals:
        above += each.flat
        yield (
            scaled(each.flat, view.unit),
            percent(each.flat, view.whole),
            percent(above, view.whole),
            scaled(each.cum, view.unit),
            percent(each.cum, view.whole),
            name_of(each.function),
        )


def name_of(function: Function) -> str:
    """Return a function with its file."""
    return f"{function.name} {function.filename}".strip()


def echo_table(rows: Iterable[Sequence[str]]) -> None:
    """Print the rows of `flat_and_cum`."""
    if sys.stdout.isatty():
        draw(rows)
        return
    for row in (NUMBERS, *rows):
        click.echo(f"{in_columns(row)}  {''.join(row[len(_WIDTHS) :])}".rstrip())


def in_columns(row: Sequence[str]) -> str:
    """Return the numbers of a row, each at the right of its column."""
    return "".join(cell.rjust(width) for cell, width in zip(row, _WIDTHS, strict=False))


def draw(rows: Iterable[Sequence[str]]) -> None:
    """Draw the rows at a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in NUMBERS:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("function", overflow="fold")
    for *numbers, function in rows:
        name, _, filename = function.partition(" ")
        table.add_row(*numbers, Text.assemble((name, "bold"), " ", (filename, "dim")))
    Console(highlight=False).print(table)
