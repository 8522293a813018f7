"""`clearway check`: say whether a configuration is good, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clearway.gateway.config import GatewayConfig
    from clearway.gateway.config.plugs import PlugConfig
    from clearway.gateway.config.routes import RouteConfig

__all__ = ["check", "summary"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
def check(config: Path) -> None:
    """Check CONFIG and print what it means.

    Every mistake is printed with its line; the exit code is then 2. Nothing is started: no socket is opened
    and no key fetched. Files and environment variables that CONFIG names are read, and log files opened.
    """
    from clearway.gateway import open_gateway

    gateway = open_gateway(config)
    gateway.close()
    for warning in gateway.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{config}: OK")
    click.echo("\n".join(summary(gateway.config)))


def summary(config: GatewayConfig) -> Iterator[str]:
    """Yield the lines that say what `config` means."""
    yield ""
    yield f"listen     {', '.join(config.listen)}"
    if config.admin is not None:
        yield f"admin      {config.admin.listen}"
    yield f"plugs      {names(config.plugs) or 'none'}"
    for number, (name, upstream) in enumerate(config.upstreams.items()):
        yield f"{'upstreams' if number == 0 else '':<10} {name}: {', '.join(upstream.targets)}"
    yield ""
    rows = [row(route) for route in config.routes]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for each in rows:
        cells = [cell.ljust(width) for cell, width in zip(each, widths, strict=False)]
        yield "  ".join([*cells, each[3]]).rstrip()


def row(route: RouteConfig) -> tuple[str, str, str, str]:
    """Return the cells of a route's line: methods, path, endpoint, plugs."""
    path = f"{route.host or ''}{route.path}"
    return ",".join(route.methods or ["*"]), path, f"-> {endpoint(route)}", names(route.plugs)


def endpoint(route: RouteConfig) -> str:
    """Return what answers, in a few words."""
    if route.respond is not None:
        return str(route.respond.status)
    if route.redirect is not None:
        return f"{route.redirect.status} {route.redirect.to}"
    return str(route.app or route.upstream)


def names(plugs: Sequence[PlugConfig | str]) -> str:
    """Return the names of plugs and groups in a row."""
    return ", ".join(plug if isinstance(plug, str) else plug.use for plug in plugs)
