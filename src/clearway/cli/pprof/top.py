"""`clearway pprof top`: the functions that have most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from clearway.cli.pprof.report import echo_table, flat_and_cum, head
from clearway.cli.pprof.units import percent, scaled
from clearway.cli.pprof.view import View, count_option, look, view_options

if TYPE_CHECKING:
    from clearway.pprof.totals import Total

__all__ = ["echo_top", "top"]


@click.command()
@click.argument("source")
@count_option("functions")
@click.option("--cum", is_flag=True, help="Sort by what a function has with its callees.")
@view_options
def top(source: str, count: int, cum: bool, **options: Any) -> None:
    """Print the functions of SOURCE that have most.

    flat is what a function has by itself, cum what it has with all that it called; sum% adds up flat%.
    """
    echo_top(look(source, **options), count, cum=cum)


def echo_top(view: View, count: int, *, cum: bool) -> None:
    """Print the table of functions."""
    from clearway.pprof.totals import totals

    found = [each for each in totals(view.profile, view.index) if each.flat or each.cum]
    if cum:
        found.sort(key=lambda each: (-abs(each.cum), -abs(each.flat), each.function))
    for line in (*head(view), accounted(view, found[:count], len(found))):
        click.echo(line)
    echo_table(flat_and_cum(view, found[:count]))


def accounted(view: View, shown: Sequence[Total], count: int) -> str:
    """Return the line that says how much of the whole the table shows."""
    flat = sum(each.flat for each in shown)
    share = f"{scaled(flat, view.unit)}, {percent(flat, view.whole)} of {scaled(view.whole, view.unit)}"
    return f"Showing {len(shown)} of {count} functions: {share} total"
