"""`clearway serve`: run an ASGI app."""

from __future__ import annotations

from typing import Any

import click

from clearway.cli.logs import set_up_logs
from clearway.cli.serve.options import HEADERS, LIMITS, PROCESSES, THE_APP, WATCHING, WEBSOCKETS, WHERE

__all__ = ["serve"]


@click.command()
@click.argument("app")
@WHERE
@THE_APP
@HEADERS
@LIMITS
@WEBSOCKETS
@WATCHING
@PROCESSES
def serve(app: str, **given: Any) -> int:
    """Serve the ASGI app APP, which is MODULE:ATTRIBUTE.

    \b
        clearway serve shop.main:app
        clearway serve shop.main:app --preempt shop --pprof 127.0.0.1:6060

    SIGTERM or SIGINT stops listening and lets requests in flight finish; a second one does not wait. With
    --workers, SIGHUP replaces the processes one by one. The exit code is 1 if the app does not start.
    """
    from clearway.cli.serve.running import run_here
    from clearway.cli.serve.several import run_reloading, run_workers
    from clearway.gateway.hosting.loading import check_name

    check_name(app)
    if given["reload"] and given["workers"] > 1:
        raise click.UsageError("--reload and --workers do not go together")
    set_up_logs(given["log_level"], "auto")
    if given["reload"]:
        return run_reloading(app, given)
    if given["workers"] > 1:
        return run_workers(app, given)
    return run_here(app, given)
