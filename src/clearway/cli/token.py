"""`clearway token`: mint a JWT, for trying things."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from clearway.plug.jose import Key

__all__ = ["token"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+)([smhd])")


class Duration(click.ParamType[int]):
    """A duration such as 90s, 15m, 1h or 7d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return seconds."""
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a duration: write 90s, 15m, 1h or 7d", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


class Claim(click.ParamType[tuple[str, Any]]):
    """A claim as NAME=VALUE; a value that is JSON is taken as JSON, any other as a text."""

    name = "claim"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Return name and value."""
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not NAME=VALUE", param, ctx)
        try:
            return name, json.loads(text)
        except ValueError:
            return name, text


@click.command()
@click.option("--secret-env", metavar="NAME", help="Environment variable that holds the secret.")
@click.option("--secret", metavar="TEXT", help="The secret itself; others on this machine can see it.")
@click.option("--key-file", type=click.Path(path_type=Path), help="PEM file that holds a private key.")
@click.option("--alg", metavar="NAME", help="Algorithm; unless given, the first that the key allows.")
@click.option("--kid", metavar="ID", help="Id of the key, for the token's header.")
@click.option("--sub", metavar="NAME", help="Who the token is for.")
@click.option("--scope", metavar="WORDS", help='Scopes, as in "orders:read orders:write".')
@click.option("--iss", metavar="NAME", help="Who issues it.")
@click.option("--aud", metavar="NAME", multiple=True, help="Whom it is meant for; may be repeated.")
@click.option(
    "--expires",
    type=Duration(),
    default="1h",
    show_default=True,
    help="How long it is good: 90s, 15m, 1h, 7d.",
)
@click.option(
    "--claim", type=Claim(), multiple=True, metavar="NAME=VALUE", help="Another claim; may be repeated."
)
def token(
    secret_env: str | None,
    secret: str | None,
    key_file: Path | None,
    alg: str | None,
    kid: str | None,
    expires: int,
    claim: tuple[tuple[str, Any], ...],
    **named: Any,
) -> None:
    """Print a signed JWT, and nothing else.

    Give one of --secret-env, --secret and --key-file. The tokens are for trying things: a real issuer keeps
    its key to itself.
    """
    from clearway.clock import wall
    from clearway.plug.jose import sign

    given = [each for each in (secret_env, secret, key_file) if each is not None]
    if len(given) != 1:
        raise click.UsageError("give one of --secret-env, --secret and --key-file")
    key = load_key(secret_env, secret, key_file, alg=alg, kid=kid)
    click.echo(sign(claims_of(named, claim, int(wall()), expires), key, alg))


def load_key(
    secret_env: str | None, secret: str | None, key_file: Path | None, *, alg: str | None, kid: str | None
) -> Key:
    """Return the signing key that the options name."""
    from clearway.plug.jose import InvalidKeyError, parse_pem, parse_secret

    algorithms = None if alg is None else [alg]
    if key_file is not None:
        try:
            return parse_pem(key_file.read_bytes(), kid=kid, algorithms=algorithms)
        except OSError as error:
            raise InvalidKeyError(f"{key_file} cannot be read: {error.strerror}") from error
    if secret_env is not None:
        secret = os.environ.get(secret_env)
        if not secret:
            raise InvalidKeyError(f"the environment variable {secret_env} is not set")
    return parse_secret((secret or "").encode(), kid=kid, algorithms=algorithms)


def claims_of(
    named: dict[str, Any], more: tuple[tuple[str, Any], ...], now: int, expires_s: int
) -> dict[str, Any]:
    """Return the claims of a token that is issued `now`."""
    aud = list(named.pop("aud", ()))
    claims = {name: value for name, value in named.items() if value is not None}
    if aud:
        claims["aud"] = aud[0] if len(aud) == 1 else aud
    return {**claims, "iat": now, "exp": now + expires_s, **dict(more)}
