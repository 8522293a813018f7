# Signature algorithms, as a table.
#
# Rule 1: an algorithm is looked up by exact name, so "none" in any spelling is as unknown as "foo".
# Rule 2: a verify function is made once per key, from parsed key material; per token it only computes.
# Rule 3: a verify function returns False for every wrong signature and raises for none.
#
# Names and parameters: RFC 7518 section 3 (HS, RS, PS, ES), RFC 8037 section 3.1 (EdDSA), RFC 9864 (Ed25519).
# Not here: "none"; ES256K; Ed448; anything with SHA-1.
"""Signature algorithms, as a table."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

__all__ = ["ALGORITHMS", "Algorithm", "Sign", "Verify"]

Verify = Callable[[bytes, bytes], bool]
"""`verify(signature, message)` tells whether the signature is good."""

Sign = Callable[[bytes], bytes]
"""`sign(message)` returns a signature."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One row of the table: what a key must be, and how to compute with it.

    Attributes:
        name: The `alg` value, case-sensitive.
        kty: The only key type it works with.
        curve: The only curve it works with, where the key type has curves.
        min_secret_bytes: The shortest secret, for HMAC: as long as the hash (RFC 7518 section 3.2).
        verifier: Makes a verify function from a public key or a secret.
        signer: Makes a sign function from a private key or a secret.
    """

    name: str
    kty: str
    verifier: Callable[[Any], Verify]
    signer: Callable[[Any], Sign]
    curve: str | None = None
    min_secret_bytes: int = 0


def _hmac(name: str, hash_name: str, hash_bytes: int) -> Algorithm:
    def verifier(secret: bytes) -> Verify:
        def verify(signature: bytes, message: bytes) -> bool:
            return hmac.compare_digest(hmac.digest(secret, message, hash_name), signature)

        return verify

    def signer(secret: bytes) -> Sign:
        return lambda message: hmac.digest(secret, message, hash_name)

    return Algorithm(name, "oct", verifier, signer, min_secret_bytes=hash_bytes)


def _rsa(name: str, scheme: padding.AsymmetricPadding, hash_: hashes.HashAlgorithm) -> Algorithm:
    def verifier(key: rsa.RSAPublicKey) -> Verify:
        size = (key.key_size + 7) // 8

        def verify(signature: bytes, message: bytes) -> bool:
            if len(signature) != size:
                return False
            try:
                key.verify(signature, message, scheme, hash_)
            except InvalidSignature:
                return False
            return True

        return verify

    def signer(key: rsa.RSAPrivateKey) -> Sign:
        return lambda message: key.sign(message, scheme, hash_)

    return Algorithm(name, "RSA", verifier, signer)


def _pss(name: str, hash_: hashes.HashAlgorithm) -> Algorithm:
    # The salt is as long as the hash and the mask uses the same hash: RFC 7518 section 3.5.
    return _rsa(name, padding.PSS(padding.MGF1(hash_), salt_length=hash_.digest_size), hash_)


def _ecdsa(name: str, curve: str, size: int, hash_: hashes.HashAlgorithm) -> Algorithm:
    ecdsa = ec.ECDSA(hash_)

    def verifier(key: ec.EllipticCurvePublicKey) -> Verify:
        def verify(signature: bytes, message: bytes) -> bool:
            if len(signature) != 2 * size:  # R || S, each of full length: RFC 7518 section 3.4
                return False
            r, s = int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big")
            try:
                key.verify(encode_dss_signature(r, s), message, ecdsa)
            except InvalidSignature:
                return False
            return True

        return verify

    def signer(key: ec.EllipticCurvePrivateKey) -> Sign:
        def sign(message: bytes) -> bytes:
            r, s = decode_dss_signature(key.sign(message, ecdsa))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")

        return sign

    return Algorithm(name, "EC", verifier, signer, curve=curve)


def _ed25519(name: str) -> Algorithm:
    def verifier(key: ed25519.Ed25519PublicKey) -> Verify:
        def verify(signature: bytes, message: bytes) -> bool:
            try:
                key.verify(signature, message)
            except InvalidSignature:
                return False
            return True

        return verify

    def signer(key: ed25519.Ed25519PrivateKey) -> Sign:
        return key.sign

    return Algorithm(name, "OKP", verifier, signer, curve="Ed25519")


_PKCS1 = padding.PKCS1v15()

ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        _hmac("HS256", "sha256", 32),
        _hmac("HS384", "sha384", 48),
        _hmac("HS512", "sha512", 64),
        _rsa("RS256", _PKCS1, hashes.SHA256()),
        _rsa("RS384", _PKCS1, hashes.SHA384()),
        _rsa("RS512", _PKCS1, hashes.SHA512()),
        _pss("PS256", hashes.SHA256()),
        _pss("PS384", hashes.SHA384()),
        _pss("PS512", hashes.SHA512()),
        _ecdsa("ES256", "P-256", 32, hashes.SHA256()),
        _ecdsa("ES384", "P-384", 48, hashes.SHA384()),
        _ecdsa("ES512", "P-521", 66, hashes.SHA512()),
        _ed25519("EdDSA"),
        _ed25519("Ed25519"),
    )
}
"""Every algorithm that a token may be signed with, by name."""
