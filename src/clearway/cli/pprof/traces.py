"""`clearway pprof traces`: whole stacks with their labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from clearway.cli.pprof.report import head
from clearway.cli.pprof.units import scaled
from clearway.cli.pprof.view import View, count_option, look, view_options

if TYPE_CHECKING:
    from clearway.pprof import Label, Sample

__all__ = ["traces"]

_RULE = f"{'-' * 11}+{'-' * 55}"


@click.command()
@click.argument("source")
@count_option("stacks")
@view_options
def traces(source: str, count: int, **options: Any) -> None:
    """Print the stacks of SOURCE that have most, leaf first, each with its labels."""
    from clearway.pprof.arithmetic import merged

    view = look(source, **options)
    index = view.index
    found = [each for each in merged([view.profile]).samples if each.values[index]]
    found.sort(key=lambda each: -abs(each.values[index]))
    for line in (*head(view), f"Showing {min(count, len(found))} of {len(found)} stacks"):
        click.echo(line)
    for each in found[:count]:
        click.echo("\n".join([_RULE, *lines(view, each)]))
    click.echo(_RULE)


def lines(view: View, sample: Sample) -> Iterator[str]:
    """Yield the lines of one stack."""
    yield from map(label, sample.labels)
    value = scaled(sample.values[view.index], view.unit)
    for frame in sample.stack or [None]:
        place = f"{frame.function} {frame.filename}:{frame.line}" if frame else "(no stack)"
        yield f"{value:>10}   {place}"
        value = ""


def label(each: Label) -> str:
    """Return the line of a label."""
    value = each.value if isinstance(each.value, str) else scaled(each.value, each.unit)
    return f"{each.key + ':':>11}  {value}"
