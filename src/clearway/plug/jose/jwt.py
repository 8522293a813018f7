"""Signed claims: JSON Web Tokens (RFC 7519)."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

from clearway.plug.jose.claims import NO_RULES, ClaimRules
from clearway.plug.jose.errors import TokenRefusedError
from clearway.plug.jose.jws import MAX_TOKEN_BYTES, verify_jws
from clearway.plug.jose.key import Key
from clearway.plug.jose.keyset import KeySet
from clearway.plug.jose.strict_json import loads_object

__all__ = ["VerifiedToken", "verify_token"]


class VerifiedToken(NamedTuple):
    """A token that was signed by a key of ours and says what the rules ask for.

    Attributes:
        header: The protected header.
        claims: What the token says.
        deadline: Seconds since the epoch at which it ceases to be good, leeway included; may be infinite.
        key: The key that verified it.
    """

    header: dict[str, Any]
    claims: dict[str, Any]
    deadline: float
    key: Key


def verify_token(
    token: bytes | str,
    keys: KeySet,
    rules: ClaimRules = NO_RULES,
    *,
    now: float,
    algorithms: Container[str] | None = None,
    max_bytes: int = MAX_TOKEN_BYTES,
) -> VerifiedToken:
    """Return what a token says; raise `TokenRefusedError` if it must not be believed.

        verify_token(token, keys, ClaimRules(audiences=frozenset({"orders"})), now=wall()).claims["sub"]

    Raises `UnknownKeyError` if the token names a key that is not in the set.

    Options:
        rules: What the claims must be.
        now: Seconds since the epoch.
        algorithms: Narrows what the keys allow.
        max_bytes: The longest token that is looked at.

    Nested tokens (a JWT inside a JWS or a JWE) are not opened.
    """
    header, payload, key = verify_jws(token, keys, algorithms=algorithms, max_bytes=max_bytes)
    try:
        claims = loads_object(payload)
    except ValueError:
        raise TokenRefusedError("the token payload is not a JSON object with unique names") from None
    return VerifiedToken(header, claims, rules.check(header, claims, now), key)
