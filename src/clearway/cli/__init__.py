"""The command line: one file per command; the only part that prints or exits."""

import click

from clearway import __version__
from clearway.cli.check import check
from clearway.cli.exec import exec_
from clearway.cli.group import CommandGroup
from clearway.cli.passwd import passwd
from clearway.cli.pprof import pprof
from clearway.cli.run import run
from clearway.cli.serve import serve
from clearway.cli.token import token

__all__ = ["main"]


@click.group("clearway", cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="clearway %(version)s")
def main() -> None:
    """An API gateway and ASGI server that cannot be blocked and hides nothing."""


for command in (run, serve, check, exec_, token, passwd, pprof):
    main.add_command(command)
