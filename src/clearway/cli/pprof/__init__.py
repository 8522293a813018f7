"""`clearway pprof`: look at profiles without Go."""

from __future__ import annotations

import click

from clearway.cli.pprof.diff import diff
from clearway.cli.pprof.flame import flame
from clearway.cli.pprof.peek import peek
from clearway.cli.pprof.top import top
from clearway.cli.pprof.traces import traces

__all__ = ["pprof"]


@click.group()
def pprof() -> None:
    """Look at profiles: files and addresses of running services.

    SOURCE is a file, a URL such as http://127.0.0.1:6060/debug/pprof/heap, a socket such as
    unix:/tmp/pprof/123.sock:/debug/pprof/heap, or - for standard input. It may come from any program that
    writes profile.proto. `go tool pprof` reads the same.
    """


for command in (top, peek, traces, diff, flame):
    pprof.add_command(command)
