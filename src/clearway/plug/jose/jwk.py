"""JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2): one JWK becomes one `Key`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from clearway.plug.jose.algorithms import ALGORITHMS
from clearway.plug.jose.base64url import decode
from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.key import Key, PrivateKey, PublicKey, make_key

__all__ = ["parse_jwk"]

_CURVES: dict[str, tuple[ec.EllipticCurve, int]] = {
    "P-256": (ec.SECP256R1(), 32),
    "P-384": (ec.SECP384R1(), 48),
    "P-521": (ec.SECP521R1(), 66),
}


def parse_jwk(jwk: Mapping[str, Any], *, algorithms: Iterable[str] | None = None) -> Key:
    """Return the key that a JWK describes; raise `InvalidKeyError` if it must not verify signatures.

        parse_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})

    `use`, `key_ops` and `alg` are honoured: a key for encryption is refused, and a key with an `alg` verifies
    that algorithm alone. Ed25519 has two names, and either one stands for both (RFC 9864).

    Options:
        algorithms: What a JWK without `alg` is for, and what one with `alg` must be among; None means
            every algorithm that fits.

    Certificates (`x5c`, `x5u`) are not read.
    """
    kid = jwk.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise InvalidKeyError("the JWK's kid is not a string")
    _check_purpose(jwk)
    kty = jwk.get("kty")
    parse = _PARSERS.get(kty) if isinstance(kty, str) else None
    if parse is None:
        raise InvalidKeyError("the JWK's kty is not one of oct, RSA, EC, OKP")
    return make_key(parse(jwk), kid=kid, algorithms=_algorithms(jwk, algorithms))


def _check_purpose(jwk: Mapping[str, Any]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise InvalidKeyError("the JWK's use is not 'sig'")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or not all(isinstance(each, str) for each in operations):
        raise InvalidKeyError("the JWK's key_ops is not a list of strings")
    if len(set(operations)) != len(operations):
        raise InvalidKeyError("the JWK's key_ops repeats an operation")
    if "verify" not in operations and "sign" not in operations:
        raise InvalidKeyError("the JWK's key_ops has neither 'verify' nor 'sign'")


def _algorithms(jwk: Mapping[str, Any], allowed: Iterable[str] | None) -> tuple[str, ...] | None:
    if "alg" not in jwk:
        return _fitting(jwk, allowed)
    alg = jwk["alg"]
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise InvalidKeyError("the JWK's alg is not a signature algorithm that we know")
    bound: tuple[str, ...] = ("EdDSA", "Ed25519") if ALGORITHMS[alg].kty == "OKP" else (alg,)
    if allowed is not None:
        allowed = frozenset(allowed)
        bound = tuple(name for name in bound if name in allowed)
    if not bound:
        raise InvalidKeyError("the JWK's alg is not among the allowed algorithms")
    return bound


def _fitting(jwk: Mapping[str, Any], allowed: Iterable[str] | None) -> tuple[str, ...] | None:
    """Of an allow-list for a whole set, keep what is for this type of key: a set may mix RSA and EC."""
    if allowed is None:
        return None
    rows = [ALGORITHMS[name] for name in allowed if name in ALGORITHMS]
    crv = jwk.get("crv")
    return tuple(row.name for row in rows if row.kty == jwk.get("kty") and row.curve in (None, crv))


def _octets(jwk: Mapping[str, Any], name: str, size: int | None = None) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or not text:
        raise InvalidKeyError(f"the JWK lacks {name}, or it is not a string")
    try:
        octets = decode(text.encode("ascii"))
    except ValueError:
        raise InvalidKeyError(f"the JWK's {name} is not canonical base64url") from None
    if size is not None and len(octets) != size:
        raise InvalidKeyError(f"the JWK's {name} has {len(octets)} bytes instead of {size}")
    return octets


def _number(jwk: Mapping[str, Any], name: str, size: int | None = None) -> int:
    return int.from_bytes(_octets(jwk, name, size), "big")


def _oct(jwk: Mapping[str, Any]) -> bytes:
    return _octets(jwk, "k")


def _rsa(jwk: Mapping[str, Any]) -> PublicKey | PrivateKey:
    public = rsa.RSAPublicNumbers(e=_number(jwk, "e"), n=_number(jwk, "n"))
    try:
        if "d" not in jwk:
            return public.public_key()
        if "oth" in jwk:
            raise InvalidKeyError("the JWK has more than two primes, which is not supported")
        p, q, d, dp, dq, qi = (_number(jwk, name) for name in ("p", "q", "d", "dp", "dq", "qi"))
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()
    except ValueError:
        raise InvalidKeyError("the JWK's numbers are not an RSA key") from None


def _ec(jwk: Mapping[str, Any]) -> PublicKey | PrivateKey:
    crv = jwk.get("crv")
    if not isinstance(crv, str) or crv not in _CURVES:
        raise InvalidKeyError("the JWK's crv is not one of P-256, P-384, P-521")
    curve, size = _CURVES[crv]
    public = ec.EllipticCurvePublicNumbers(_number(jwk, "x", size), _number(jwk, "y", size), curve)
    try:
        if "d" not in jwk:
            return public.public_key()  # checks that the point is on the curve
        return ec.EllipticCurvePrivateNumbers(_number(jwk, "d", size), public).private_key()
    except ValueError:
        raise InvalidKeyError("the JWK's numbers are not a point on its curve") from None


def _okp(jwk: Mapping[str, Any]) -> PublicKey | PrivateKey:
    if jwk.get("crv") != "Ed25519":
        raise InvalidKeyError("the JWK's crv is not Ed25519")
    public = _octets(jwk, "x", 32)
    if "d" not in jwk:
        return ed25519.Ed25519PublicKey.from_public_bytes(public)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(_octets(jwk, "d", 32))
    if private.public_key().public_bytes_raw() != public:
        raise InvalidKeyError("the JWK's x and d are not halves of one key")
    return private


_PARSERS: dict[str, Callable[[Mapping[str, Any]], PublicKey | PrivateKey | bytes]] = {
    "oct": _oct,
    "RSA": _rsa,
    "EC": _ec,
    "OKP": _okp,
}
