"""How every command reports what went wrong: `error: ...`, an empty line, `hint: ...`."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from clearway.errors import ClearwayError

__all__ = ["FAILURE", "USAGE", "CommandGroup", "fail"]

FAILURE, USAGE, INTERRUPTED = 1, 2, 130


def fail(message: str, hint: str = "", *, code: int = FAILURE) -> NoReturn:
    """Print the error and its hint to standard error, and exit."""
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"\nhint: {hint}", err=True)
    sys.exit(code)


class CommandGroup(click.Group):
    """A group of commands whose errors are a line and a hint, and never a traceback for a user's mistake."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the arguments name, and exit: 0, 1 for a failure, 2 for a user's mistake."""
        extra = {"prog_name": "clearway", **extra, "standalone_mode": False}
        if os.environ.get("NO_COLOR"):
            extra["color"] = False
        try:
            code = super().main(*args, **extra)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "clearway"
            fail(_lowered(error.format_message()), f"see `{path} --help`", code=USAGE)
        except click.ClickException as error:
            fail(_lowered(error.format_message()))
        except ClearwayError as error:
            fail(str(error), error.hint, code=getattr(error, "exit_code", FAILURE))
        except (click.Abort, KeyboardInterrupt):
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _lowered(sentence: str) -> str:
    """Return click's sentence in the form of ours: no capital, no full stop."""
    text = sentence[:1].lower() + sentence[1:].rstrip(".")
    return text.replace(". Did you mean", "; did you mean")
