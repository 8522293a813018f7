"""The tour on the terminal: what runs, and the commands to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from clearway.cli.logs import set_up_logs

if TYPE_CHECKING:
    from clearway.gateway.config.addresses import Address
    from clearway.gateway.tour import Step

__all__ = ["run_tour", "tour_text"]


def run_tour(listen: Address | None) -> int:
    """Serve the tour until a signal, and return the exit code."""
    from clearway.gateway import run_in_uvloop
    from clearway.gateway.config.addresses import Address
    from clearway.gateway.tour import serve_tour

    address = listen or Address("127.0.0.1", 8080)
    set_up_logs("warning", "auto")
    return int(run_in_uvloop(serve_tour(address, show)).hurried)


def show(steps: list[Step]) -> None:
    """Print the commands."""
    click.echo(tour_text(steps, bold=lambda text: click.style(text, bold=True)))


def tour_text(steps: list[Step], bold: Callable[[str], str] = str) -> str:
    """Return what the tour says, each command on a line of its own."""
    lines = [
        "A gateway runs before a sample service. Paste these into another terminal;",
        "the number is the status that you will see. Ctrl-C ends the tour.",
    ]
    for step in steps:
        lines += ["", f"{bold(str(step.status))}  {step.title}", f"     {step.command}"]
    lines += ["", "With a configuration of your own:  clearway run gateway.toml"]
    return "\n".join(lines)
