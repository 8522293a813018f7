"""`clearway pprof diff`: what was added between two profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from clearway.cli.pprof.top import echo_top
from clearway.cli.pprof.view import count_option, narrowed, seconds_need_an_address, view_options

__all__ = ["diff"]


@click.command()
@click.argument("before")
@click.argument("after")
@count_option("functions")
@click.option("--cum", is_flag=True, help="Sort by what a function has with its callees.")
@view_options
def diff(
    before: str,
    after: str,
    count: int,
    cum: bool,
    seconds: float | None,
    headers: Sequence[tuple[str, str]],
    **options: Any,
) -> None:
    """Print what AFTER has more than BEFORE, as `top` does; what became less is negative.

    Shares are of what BEFORE has in all. To compare a service with itself some time later, `top --seconds N`
    is shorter.
    """
    from clearway.cli.pprof.source import load
    from clearway.pprof.arithmetic import difference
    from clearway.pprof.totals import total

    seconds_need_an_address(seconds, before, after)
    base = load(before, seconds, headers)
    view = narrowed(difference(load(after, seconds, headers), base), **options)
    echo_top(replace(view, whole=total(base, view.index) or view.whole), count, cum=cum)
