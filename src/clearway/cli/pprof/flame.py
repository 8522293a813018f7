"""`clearway pprof flame`: a flame graph as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clearway.cli.group import fail
from clearway.cli.pprof.view import look, view_options

__all__ = ["flame"]


@click.command()
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default="flame.html",
    show_default=True,
    help="Write here; - is standard output.",
)
@view_options
def flame(source: str, output: Path, **options: Any) -> None:
    """Write SOURCE as a flame graph: one HTML file that needs no network.

    The page searches and zooms, and lets its reader choose the numbers, a label, and whether lines stand
    apart.
    """
    from dataclasses import replace

    from clearway.cli.pprof.source import name_of_source
    from clearway.pprof.flame import page

    view = look(source, **options)
    text = page(replace(view.profile, default_sample_type=view.type), name_of_source(source))
    if str(output) == "-":
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    click.echo(f"wrote {output}: {len(view.profile.samples):,} stacks; open it in a browser", err=True)
