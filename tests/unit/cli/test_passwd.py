"""`clearway passwd` prints a line for an htpasswd file, of a password that is never an argument."""

from __future__ import annotations

import pytest

from clearway.plug.plugs.parts.users import parse_htpasswd
from tests.unit.cli.shell import Done, shell


@pytest.mark.slow
@pytest.mark.parametrize(
    ("algorithm", "begins"), [("argon2id", "acme:$argon2id$"), ("bcrypt", "acme:$2b$12$")]
)
def test_the_line_lets_the_user_in(algorithm: str, begins: str) -> None:
    done = shell("passwd", "acme", "--algorithm", algorithm, stdin="open sesame\n")

    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    assert done.out.startswith(begins)
    assert parse_htpasswd(done.out)["acme"].verify(b"open sesame")


@pytest.mark.parametrize(
    ("args", "stdin", "code", "error"),
    [
        (["acme"], "", 2, "the password is empty"),
        (["acme"], "\n", 2, "the password is empty"),
        (
            ["acme"],
            "a\tb\n",
            1,
            "the password holds a control character, which Basic credentials cannot carry",
        ),
        (["acme", "secret"], "", 2, "got unexpected extra argument (secret)"),
        (
            ["acme", "--algorithm", "md5"],
            "",
            2,
            "invalid value for '--algorithm': 'md5' is not one of 'argon2id', 'bcrypt'",
        ),
    ],
)
def test_a_mistake_is_told(args: list[str], stdin: str, code: int, error: str) -> None:
    done = shell("passwd", *args, stdin=stdin)

    assert (done.code, done.out, done.err.partition("\n")[0]) == (code, "", f"error: {error}")


@pytest.mark.slow
def test_a_user_who_could_never_log_in_is_refused() -> None:
    error = "error: user 'a:b' holds a colon or a control character, and so could never log in\n"

    assert shell("passwd", "a:b", stdin="open sesame\n") == Done(1, "", error)
