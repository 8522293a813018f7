"""Where keys come from: the protocol, and sources that never change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.keyset import KeySet, parse_key_set
from clearway.plug.jose.pem import parse_pem, parse_secret

__all__ = ["KeySource", "StaticKeys"]


class KeySource(Protocol):
    """What a verifier asks for keys; both methods return at once and never wait."""

    def current(self) -> KeySet:
        """Return the newest keys; an empty set if there are none yet.

        A set with the same `generation` holds the same keys.
        """

    def want(self, kid: str) -> None:
        """Note that a token named a key that is not in the current set."""


class StaticKeys:
    """Keys that are read once, when the service starts.

        StaticKeys.from_env("JWT_SECRET", algorithms=["HS256"])
        StaticKeys.from_pem("issuer.pem", algorithms=["RS256"])
        StaticKeys.from_jwks("jwks.json")

    The constructors raise `InvalidKeyError`, whose text names the variable or the file and never its content.
    A changed file is not seen: make a new source.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys

    @classmethod
    def from_env(
        cls,
        name: str,
        *,
        kid: str | None = None,
        algorithms: Iterable[str] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> StaticKeys:
        r"""Read a PEM key, a JWK, a JWK Set or, if it is none of these, a shared secret.

        Line breaks of a PEM key may be spelled `\n`, because many env files hold one line per variable.

        Options:
            kid: The key's id, for a PEM key or a secret.
            algorithms: What the keys are for; None means every algorithm that fits.
        """
        value = environ.get(name, "")
        if not value:
            raise InvalidKeyError(f"the environment variable {name} is not set")
        try:
            return cls(_parse(value, kid, algorithms))
        except InvalidKeyError as error:
            raise InvalidKeyError(f"the environment variable {name}: {error}", hint=error.hint) from None

    @classmethod
    def from_pem(
        cls, path: str | Path, *, kid: str | None = None, algorithms: Iterable[str] | None = None
    ) -> StaticKeys:
        """Read one key from a PEM file; options as for `parse_pem`."""
        try:
            key = parse_pem(_read(path), kid=kid, algorithms=algorithms)
        except InvalidKeyError as error:
            raise InvalidKeyError(f"{path}: {error}", hint=error.hint) from None
        return cls(KeySet([key.verify_only()]))

    @classmethod
    def from_jwks(cls, path: str | Path, *, algorithms: Iterable[str] | None = None) -> StaticKeys:
        """Read a JWK Set, or one JWK, from a file; options as for `parse_key_set`."""
        try:
            return cls(parse_key_set(_read(path), algorithms=algorithms))
        except InvalidKeyError as error:
            raise InvalidKeyError(f"{path}: {error}", hint=error.hint) from None

    def current(self) -> KeySet:
        """Return the keys."""
        return self._keys

    def want(self, kid: str) -> None:
        """Do nothing: there is nowhere to look."""

    def __repr__(self) -> str:
        return f"<StaticKeys {self._keys!r}>"


def _parse(value: str, kid: str | None, algorithms: Iterable[str] | None) -> KeySet:
    text = value.strip()
    if text.startswith("{"):
        return parse_key_set(text.encode(), algorithms=algorithms)
    if text.startswith("-----BEGIN "):
        pem = text.replace("\\n", "\n").encode()
        return KeySet([parse_pem(pem, kid=kid, algorithms=algorithms).verify_only()])
    return KeySet([parse_secret(value.encode(), kid=kid, algorithms=algorithms)])


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidKeyError(error.strerror or "cannot be read") from None
