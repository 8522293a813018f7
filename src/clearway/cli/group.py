"""How every command reports what went wrong: `error: ...`, an empty line, `hint: ...`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from clearway.errors import ClearwayError

__all__ = ["CommandGroup", "fail"]

USAGE, FAILURE, INTERRUPTED = 2, 1, 130


def fail(message: str, hint: str = "", *, code: int = FAILURE) -> NoReturn:
    """Print the error and its hint to standard error, and exit."""
    text = f"error: {message}\n"
    if hint:
        text += f"\nhint: {hint}\n"
    click.echo(text, err=True, nl=False)
    sys.exit(code)


class CommandGroup(click.Group):
    """A group whose errors are one line and a hint, never a traceback for a user's mistake."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:
        """Run the command that `args` name, and exit: 0, 1 for a failure, 2 for a mistake in the command."""
        try:
            code = super().main(args, prog_name or "clearway", standalone_mode=False, **extra)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "clearway"
            fail(error.format_message().rstrip("."), f"see `{path} --help`", code=USAGE)
        except click.Abort:
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            fail(error.format_message(), code=FAILURE)
        except ClearwayError as error:
            fail(str(error), error.hint, code=getattr(error, "exit_code", FAILURE))
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            sys.exit(FAILURE)
        sys.exit(code if isinstance(code, int) else 0)
