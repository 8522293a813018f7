"""`clearway run`: start the gateway."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["run"]


@click.command()
@click.argument("config", required=False, type=click.Path(path_type=Path))
def run(config: Path | None) -> None:
    """Start the gateway that CONFIG describes; without one, a tour before a sample service."""
    from clearway import gateway

    if config is None:
        raise click.UsageError("the tour is not there yet")
    opened = gateway.open_gateway(config)
    from clearway.cli.logs import set_up_logs

    set_up_logs(opened.config.log.level, opened.config.log.format)
    gateway.run(opened)
