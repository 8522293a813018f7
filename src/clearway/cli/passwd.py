"""`clearway passwd`: hash a password for a user."""

from __future__ import annotations

import sys

import click

__all__ = ["passwd"]


@click.command()
@click.argument("user")
@click.option(
    "--algorithm",
    type=click.Choice(["argon2id", "bcrypt"]),
    default="argon2id",
    show_default=True,
    help="How the password is hashed; nginx and Apache read bcrypt alone.",
)
def passwd(user: str, algorithm: str) -> None:
    """Print USER's line for an htpasswd file.

    The password is asked for at a terminal, or else read from standard input. It is never an argument, which
    others on this machine could see.

        clearway passwd acme >> users.htpasswd
    """
    from clearway.plug.plugs.parts.passwords import hash_password
    from clearway.plug.plugs.parts.users import parse_users

    password = read_password(user)
    if not password:
        raise click.UsageError("the password is empty")
    hashed = hash_password(password, algorithm)
    parse_users([(user, hashed)])  # refuses what could never log in, such as a name with a colon
    click.echo(f"{user}:{hashed}")


def read_password(user: str) -> str:
    """Return the password: asked for twice at a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        asked: str = click.prompt(f"Password for {user}", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
