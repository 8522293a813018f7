"""`clearway run`: start the gateway, or the tour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clearway.cli.address import ADDRESS
from clearway.cli.logs import set_up_logs
from clearway.cli.tour import run_tour

if TYPE_CHECKING:
    from clearway.gateway import Gateway
    from clearway.gateway.config.addresses import Address

__all__ = ["run"]


@click.command()
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option("--listen", type=ADDRESS, metavar="HOST:PORT", help="Serve here, whatever CONFIG says.")
@click.option(
    "--pprof", metavar="ADDR", help="Serve profiles here, from a thread of its own; as `clearway exec` does."
)
def run(config: Path | None, listen: Address | None, pprof: str | None) -> int:
    """Start the gateway that CONFIG describes.

    Without CONFIG, start a tour: a gateway before a sample service, with commands to try.

    SIGTERM or SIGINT stops listening and lets requests in flight finish; a second one does not wait.
    """
    if pprof is not None:
        serve_profiles(pprof)
    if config is None:
        return run_tour(listen)
    return run_gateway(config, listen)


def serve_profiles(address: str) -> None:
    """Serve the profiles of this process at `address`, and say where that is."""
    import os

    from clearway.pprof import start
    from clearway.pprof.inherited import options

    server = start(address, **options(os.environ))
    click.echo(f"profiles on {server.url}", err=True)


def run_gateway(path: Path, listen: Address | None) -> int:
    """Serve the configuration at `path` until a signal, and return the exit code."""
    from clearway import gateway

    opened = gateway.open_gateway(path)
    if listen is not None:
        opened = listen_at(opened, listen)
    set_up_logs(opened.config.log.level, opened.config.log.format)
    for warning in opened.warnings:
        click.echo(f"warning: {warning}", err=True)
    return int(gateway.run(opened).hurried)


def listen_at(gateway: Gateway, address: Address) -> Gateway:
    """Return `gateway` with another address to serve."""
    return replace(gateway, config=gateway.config.model_copy(update={"listen": [str(address)]}))
