# Signed messages in compact form (RFC 7515 sections 3.1 and 5.2).
#
# Rule 1: nothing of a token is believed before its signature is: the header is read only to pick a key that
#         we hold already and an algorithm that this key is bound to.
# Rule 2: keys and addresses inside the header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at. An attacker can
#         write them, and the answer to "which key?" is ours.
# Rule 3: every failure is a TokenRefusedError with a fixed text.
"""Signed messages in compact form (RFC 7515)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from clearway.plug.jose.base64url import decode
from clearway.plug.jose.errors import TokenRefusedError, UnknownKeyError
from clearway.plug.jose.key import MAX_KID_CHARS, Key
from clearway.plug.jose.keyset import KeySet
from clearway.plug.jose.strict_json import loads_object

__all__ = ["MAX_TOKEN_BYTES", "Jws", "verify_jws"]

MAX_TOKEN_BYTES = 16 * 1024
"""By default, Node takes no more for all header fields together, and nginx half of it for one."""

MAX_TRIALS = 4
"""Keys tried for a token without a kid: an RSA check costs 30 us, and a stranger decides how many we do."""

# RFC 7515 section 4.1.11: an extension must not be one of the names that the RFCs define themselves.
_STANDARD_NAMES = frozenset(
    ("alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit",
     "enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c")
)  # fmt: skip


class Jws(NamedTuple):
    """A message whose signature is good.

    Attributes:
        header: The protected header.
        payload: The signed bytes.
        key: The key that verified it.
    """

    header: dict[str, Any]
    payload: bytes
    key: Key


def verify_jws(
    token: bytes | str,
    keys: KeySet,
    *,
    algorithms: Container[str] | None = None,
    max_bytes: int = MAX_TOKEN_BYTES,
) -> Jws:
    """Return the verified content of a compact JWS; raise `TokenRefusedError` if anything is wrong with it.

        verify_jws("eyJhbGciOi...", keys).payload

    Options:
        algorithms: Narrows what the keys allow; None leaves the decision to them.
        max_bytes: The longest token that is looked at.

    JSON serialization, detached payloads, `b64: false` and encryption (JWE) are not supported.
    """
    if len(token) > max_bytes:
        raise TokenRefusedError("the token is too long")
    if isinstance(token, str):
        token = token.encode("ascii", "replace")  # "?" is not base64url, so the next steps refuse it
    if token.count(b".") != 2:
        raise TokenRefusedError("the token does not have three parts")
    signed, _, signature = token.rpartition(b".")
    header_text, _, payload_text = signed.partition(b".")
    header = _parse_header(header_text)
    key = _verify(signed, _decode(signature), header, keys, algorithms)
    return Jws(header, _decode(payload_text), key)


def _decode(part: bytes) -> bytes:
    try:
        return decode(part)
    except ValueError:
        raise TokenRefusedError("the token is not canonical base64url") from None


def _parse_header(text: bytes) -> dict[str, Any]:
    octets = _decode(text)
    try:
        header = loads_object(octets)
    except ValueError:
        raise TokenRefusedError("the token header is not a JSON object with unique names") from None
    if not isinstance(header.get("alg"), str):
        raise TokenRefusedError("the token header has no alg")
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > MAX_KID_CHARS:
        raise TokenRefusedError("the token header has a kid that is no string or too long")
    _check_extensions(header)
    return header


def _check_extensions(header: Mapping[str, Any]) -> None:
    if header.get("b64", True) is not True:  # RFC 7797; section 7 forbids it for JWTs
        raise TokenRefusedError("the token has an unencoded payload, which is not supported")
    if "crit" not in header:
        return
    crit = header["crit"]
    if not isinstance(crit, list) or not crit or not all(isinstance(name, str) for name in crit):
        raise TokenRefusedError("the token header has a malformed crit")
    if len(set(crit)) != len(crit) or not _STANDARD_NAMES.isdisjoint(crit):
        raise TokenRefusedError("the token header has a crit that repeats names or lists standard ones")
    if not all(name in header for name in crit):
        raise TokenRefusedError("the token header has a crit that lists absent names")
    raise TokenRefusedError("the token header has a critical extension that is not supported")


def _verify(
    signed: bytes, signature: bytes, header: dict[str, Any], keys: KeySet, algorithms: Container[str] | None
) -> Key:
    alg, kid = header["alg"], header.get("kid")
    if algorithms is not None and alg not in algorithms:
        raise TokenRefusedError("the token is signed with an algorithm that is not allowed here")
    candidates = keys.candidates(kid, alg)
    if len(candidates) > MAX_TRIALS:
        raise TokenRefusedError("the token names no key, and there are too many to try")
    for key in candidates:
        if key.verifiers[alg](signature, signed):
            return key
    if kid is not None and not keys.knows(kid):
        raise UnknownKeyError(kid)
    if not candidates:
        raise TokenRefusedError("the token is signed with an algorithm that no key here is for")
    raise TokenRefusedError("the signature of the token is wrong")
