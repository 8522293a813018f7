"""Making tokens: for trying things, and for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from clearway.plug.jose.algorithms import ALGORITHMS
from clearway.plug.jose.base64url import encode
from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.key import Key

__all__ = ["sign", "sign_bytes"]


def sign(
    claims: Mapping[str, Any], key: Key, alg: str | None = None, header: Mapping[str, Any] | None = None
) -> str:
    """Return a JWT with these claims; raise `InvalidKeyError` if the key cannot sign it.

        key = parse_secret(b"0123456789abcdef0123456789abcdef", kid="dev")
        sign({"sub": "acme", "exp": 1893456000}, key)

    Options:
        alg: One of the key's algorithms; None takes the first.
        header: Members added to `{"alg", "typ": "JWT", "kid"}`; None as a value removes one.

    The claims are signed as they are: nothing is added and nothing checked, so that tests can sign bad ones.
    """
    payload = json.dumps(claims, separators=(",", ":"), allow_nan=False).encode()
    return sign_bytes(payload, key, alg, {"typ": "JWT", **(header or {})})


def sign_bytes(
    payload: bytes, key: Key, alg: str | None = None, header: Mapping[str, Any] | None = None
) -> str:
    """Return a compact JWS over any payload (RFC 7515 section 5.1); like `sign`, but without a `typ`."""
    alg = key.algorithms[0] if alg is None else alg
    if alg not in key.algorithms:
        raise InvalidKeyError(f"the key is not for {alg}", hint=f"it is for {', '.join(key.algorithms)}")
    if key.private is None:
        raise InvalidKeyError("a public key cannot sign", hint="give the private key")
    full = {"alg": alg, "kid": key.kid, **(header or {})}
    members = {name: value for name, value in full.items() if value is not None}
    head = json.dumps(members, separators=(",", ":"), allow_nan=False).encode()
    signed = encode(head) + b"." + encode(payload)
    signature = ALGORITHMS[alg].signer(key.private)(signed)
    return (signed + b"." + encode(signature)).decode("ascii")
