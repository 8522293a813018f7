"""From the claims of a verified token to a principal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from clearway.plug.jose.errors import TokenRefusedError
from clearway.plug.principal import Principal

__all__ = ["principal_of"]


def principal_of(claims: Mapping[str, Any], name_claim: str, scope_claims: Iterable[str]) -> Principal:
    """Return whom the claims name; raise `TokenRefusedError` if they name nobody.

        principal_of({"sub": "acme", "scope": "a b"}, "sub", ("scope", "scp"))

    Many requests share a remembered principal, so nobody can change it: objects become read-only mappings
    and arrays tuples, all the way down.
    """
    name = claims.get(name_claim)
    if not isinstance(name, str) or not name:
        raise TokenRefusedError(f"the token does not name a principal in {name_claim}")
    return Principal(name, "bearer", _scopes(claims, scope_claims), _freeze(claims))


def _scopes(claims: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    """Return the scopes of the first claim present: words in a string, or a list (RFC 8693 section 4.2)."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, str):
            return frozenset(word for word in value.split(" ") if word)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return frozenset(value)
        if value is not None:
            raise TokenRefusedError(f"the claim {name} of the token is no string and no list of strings")
    return frozenset()


def _freeze(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({name: _freeze(member) for name, member in value.items()})
    if isinstance(value, list):
        return tuple(_freeze(member) for member in value)
    return value
