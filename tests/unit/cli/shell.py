"""A shell for tests: one command, its two outputs and its exit code."""

from __future__ import annotations

from typing import NamedTuple

from click.testing import CliRunner

from clearway.cli import main

__all__ = ["Done", "shell"]


class Done(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


def shell(*args: str, stdin: str | bytes = "", env: dict[str, str] | None = None) -> Done:
    """Run `clearway` with `args`, in this process."""
    result = CliRunner().invoke(main, list(args), input=stdin, env=env)
    return Done(result.exit_code, result.stdout, result.stderr)
