"""A mistake on the command line is an error of one line, a hint, and exit code 2; never a traceback."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from clearway import __version__
from clearway.cli.group import CommandGroup
from clearway.errors import ClearwayError
from tests.unit.cli.shell import Done, shell


@pytest.mark.parametrize(
    ("args", "error", "hint"),
    [
        (["chek"], "no such command 'chek'; did you mean 'check'?", "see `clearway --help`"),
        (["check"], "missing argument 'CONFIG'", "see `clearway check --help`"),
        (
            ["run", "--lisen", "x"],
            "no such option '--lisen'; did you mean '--listen'?",
            "see `clearway run --help`",
        ),
        (
            ["run", "--listen", "a:99999"],
            "invalid value for '--listen': 'a:99999' has a port above 65535",
            "see `clearway run --help`",
        ),
    ],
)
def test_a_mistake_has_a_line_and_a_hint(args: list[str], error: str, hint: str) -> None:
    assert shell(*args) == Done(2, "", f"error: {error}\n\nhint: {hint}\n")


def test_the_version_is_told() -> None:
    assert shell("--version") == Done(0, f"clearway {__version__}\n", "")


def test_without_a_command_the_help_is_shown() -> None:
    done = shell()

    assert done.code == 2
    assert "Commands:" in done.out + done.err


def failing(error: BaseException) -> tuple[int, str]:
    @click.group(cls=CommandGroup)
    def group() -> None: ...

    @group.command()
    def break_it() -> None:
        raise error

    result = CliRunner().invoke(group, ["break-it"])
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ClearwayError("it broke", hint="mend it"), 1, "error: it broke\n\nhint: mend it\n"),
        (ClearwayError("it broke"), 1, "error: it broke\n"),
        (click.ClickException("It broke."), 1, "error: it broke\n"),
        (click.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, "\n"),
    ],
)
def test_a_failure_is_told_in_the_same_way(error: BaseException, code: int, text: str) -> None:
    assert failing(error) == (code, text)


def test_a_bug_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(crashing, ["crash"], catch_exceptions=False)


@click.group(cls=CommandGroup)
def crashing() -> None: ...


@crashing.command()
def crash() -> None:
    raise ZeroDivisionError
