"""`clearway pprof peek`: who calls a function, and whom it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from clearway.cli.group import USAGE, fail
from clearway.cli.pprof.report import NUMBERS, flat_and_cum, head, in_columns, name_of
from clearway.cli.pprof.units import percent, scaled
from clearway.cli.pprof.view import View, look, view_options

if TYPE_CHECKING:
    from clearway.pprof.totals import Calls, Function

__all__ = ["peek"]

_RULE = f"{'-' * 58}+{'-' * 13}"
_HEAD = f"{in_columns(NUMBERS)}  calls calls% + context"


@click.command()
@click.argument("source")
@click.argument("function")
@view_options
def peek(source: str, function: str, **options: Any) -> None:
    """Print who calls FUNCTION in SOURCE, and whom it calls.

    FUNCTION is a regular expression; all functions that it is found in, or in whose file, are shown. Callers
    stand above a function, callees below it, each with what passed between the two.
    """
    from clearway.pprof import BadParameterError, Frame
    from clearway.pprof.filters import matcher
    from clearway.pprof.totals import calls, totals

    view = look(source, **options)
    try:
        matches = matcher(function)
    except BadParameterError as error:
        fail(f"FUNCTION: {error}", code=USAGE)
    found = totals(view.profile, view.index)
    chosen = [
        each.function for each in found if matches(Frame(each.function.name, each.function.filename, 0))
    ]
    if not chosen:
        fail(f"no function of the profile matches {function!r}", "`clearway pprof top` lists them")
    for line in (*head(view), _RULE, _HEAD, _RULE, *body(view, calls(view.profile, view.index, chosen))):
        click.echo(line)


def body(view: View, found: list[Calls]) -> Iterator[str]:
    """Yield the lines of each function, its callers and its callees."""
    for each in found:
        yield from (beside(view, each, *caller) for caller in each.callers)
        ((*numbers, name),) = flat_and_cum(view, [each.total])
        yield f"{in_columns(numbers):<58}| {name}"
        yield from (beside(view, each, *callee) for callee in each.callees)
        yield _RULE


def beside(view: View, calls: Calls, function: Function, value: int) -> str:
    """Return the line of a caller or a callee."""
    return f"{scaled(value, view.unit):>50}{percent(value, calls.total.cum):>7} |   {name_of(function)}"
