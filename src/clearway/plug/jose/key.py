# A key, ready to verify with.
#
# Rule 1: the algorithms a token may use are decided here, from the key alone. The token's `alg` can only pick
#         one of them (RFC 8725 section 3.1), so a public key never serves as an HMAC secret.
# Rule 2: all parsing happens once, when the key is made. A token costs a dict look-up and the arithmetic.
"""A key, bound to its algorithms and ready to verify with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clearway.plug.jose.algorithms import ALGORITHMS, Algorithm, Verify
from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.weak_rsa import weakness

__all__ = ["MAX_KID_CHARS", "Key", "KeyType", "PrivateKey", "PublicKey", "make_key"]

KeyType: TypeAlias = Literal["oct", "RSA", "EC", "OKP"]
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

MAX_KID_CHARS = 256
"""A key id is a label, a URL or a thumbprint; even a SHA-512 thumbprint in hexadecimal has 128."""

_CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key, bound to its algorithms and ready to verify with.

    Made by `parse_jwk`, `parse_pem`, `parse_secret` or `make_key`; two keys are equal when they verify the
    same tokens.

        key = parse_secret(b"0123456789abcdef0123456789abcdef", algorithms=["HS256"])
        key.algorithms                          # ("HS256",)
        key.verifiers["HS256"](signature, message)

    Attributes:
        kty: The JWK key type.
        kid: The key's id, or None.
        algorithms: The `alg` values that a token under this key may have.
        fingerprint: A digest of the public key or the secret, for comparing keys; never shown.
        verifiers: One verify function per algorithm.
        public: The parsed public key, or the secret.
        private: The parsed private key, the secret, or None: then the key cannot sign.
    """

    kty: KeyType
    kid: str | None
    algorithms: tuple[str, ...]
    fingerprint: bytes = field(repr=False)
    verifiers: Mapping[str, Verify] = field(repr=False, compare=False)
    public: PublicKey | bytes = field(repr=False, compare=False)
    private: PrivateKey | bytes | None = field(repr=False, compare=False)

    def is_secret(self) -> bool:
        """Tell whether whoever can verify with this key can also sign with it."""
        return self.kty == "oct"

    def can_sign(self) -> bool:
        """Tell whether the key holds what signing needs."""
        return self.private is not None

    def verify_only(self) -> Key:
        """Return the key without its private half; a secret stays what it is."""
        return self if self.is_secret() else replace(self, private=None)


def make_key(
    material: PublicKey | PrivateKey | bytes,
    *,
    kid: str | None = None,
    algorithms: Iterable[str] | None = None,
) -> Key:
    """Bind parsed key material to its algorithms; raise `InvalidKeyError` if it is weak or fits none.

        make_key(ed25519.Ed25519PrivateKey.generate(), kid="2026-01").algorithms    # ("EdDSA", "Ed25519")

    Options:
        kid: The key's id.
        algorithms: What the key is for; None means every algorithm that its type, curve and size allow.
            Name the one that you use: RFC 8725 section 3.1 asks for one algorithm per key.
    """
    if kid is not None and not 0 < len(kid) <= MAX_KID_CHARS:
        raise InvalidKeyError(f"the key id is empty or longer than {MAX_KID_CHARS} characters")
    kty, public, private = _halves(material)
    names = _bind(kty, public, None if algorithms is None else tuple(algorithms))
    return Key(
        kty=kty,
        kid=kid,
        algorithms=names,
        fingerprint=_fingerprint(public),
        verifiers=MappingProxyType({name: ALGORITHMS[name].verifier(public) for name in names}),
        public=public,
        private=private,
    )


def _halves(
    material: PublicKey | PrivateKey | bytes,
) -> tuple[KeyType, PublicKey | bytes, PrivateKey | bytes | None]:
    match material:
        case bytes():
            return "oct", material, material
        case rsa.RSAPrivateKey():
            return "RSA", material.public_key(), material
        case rsa.RSAPublicKey():
            return "RSA", material, None
        case ec.EllipticCurvePrivateKey():
            return "EC", material.public_key(), material
        case ec.EllipticCurvePublicKey():
            return "EC", material, None
        case ed25519.Ed25519PrivateKey():
            return "OKP", material.public_key(), material
        case ed25519.Ed25519PublicKey():
            return "OKP", material, None
        case _:
            raise InvalidKeyError(
                f"a {type(material).__name__} is not for signatures that we know",
                hint="use an RSA, EC (P-256, P-384, P-521) or Ed25519 key",
            )


def _bind(kty: KeyType, public: PublicKey | bytes, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        reason = weakness(numbers.n, numbers.e)
        if reason is not None:
            raise InvalidKeyError(f"the RSA key is refused: {reason}")
    if wanted is None:
        wanted = tuple(name for name, row in ALGORITHMS.items() if _misfit(row, kty, public) is None)
        if not wanted:
            raise InvalidKeyError(_misfit_of_all(kty, public))
        return wanted
    for name in wanted:
        row = ALGORITHMS.get(name)
        if row is None:
            raise InvalidKeyError(f"{name[:20]!r} is not a signature algorithm that we know")
        reason = _misfit(row, kty, public)
        if reason is not None:
            raise InvalidKeyError(reason)
    if not wanted:
        raise InvalidKeyError("the key is allowed no algorithm")
    return wanted


def _misfit(row: Algorithm, kty: KeyType, public: PublicKey | bytes) -> str | None:
    if row.kty != kty:
        return f"{row.name} needs a key of type {row.kty}, and this one is {kty}"
    if isinstance(public, bytes) and len(public) < row.min_secret_bytes:
        return f"{row.name} needs {row.min_secret_bytes} bytes of secret or more; this one has {len(public)}"
    if isinstance(public, ec.EllipticCurvePublicKey) and _curve(public) != row.curve:
        return f"{row.name} needs a key on {row.curve}, and this one is on {_curve(public)}"
    return None


def _misfit_of_all(kty: KeyType, public: PublicKey | bytes) -> str:
    if isinstance(public, bytes):
        return _misfit(ALGORITHMS["HS256"], kty, public) or "no algorithm fits"
    assert isinstance(public, ec.EllipticCurvePublicKey)  # every RSA and every Ed25519 key fits some row
    return f"no algorithm that we know works on curve {_curve(public)}"


def _curve(key: ec.EllipticCurvePublicKey) -> str:
    return _CURVE_NAMES.get(key.curve.name, key.curve.name)


def _fingerprint(public: PublicKey | bytes) -> bytes:
    if isinstance(public, bytes):
        return hashlib.sha256(b"oct:" + public).digest()
    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
