"""Keys as operators keep them are read, and what is no key is named for what it is."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from clearway.plug.jose import InvalidKeyError, parse_pem, parse_secret
from tests.unit.plug.jose.keys import SECRET, key_for


def public_pem(alg: str, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> bytes:
    return key_for(alg).public.public_bytes(Encoding.PEM, form)


def private_pem(alg: str, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes | None = None) -> bytes:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key_for(alg).private.private_bytes(Encoding.PEM, form, encryption)


@pytest.mark.parametrize(
    ("pem", "alg", "can_sign"),
    [
        (public_pem("RS256"), "RS256", False),
        (public_pem("RS256", PublicFormat.PKCS1), "PS512", False),
        (private_pem("RS256"), "RS256", True),
        (private_pem("RS256", PrivateFormat.TraditionalOpenSSL), "RS256", True),
        (public_pem("ES384"), "ES384", False),
        (private_pem("ES512", PrivateFormat.TraditionalOpenSSL), "ES512", True),
        (public_pem("EdDSA"), "EdDSA", False),
        (private_pem("EdDSA"), "Ed25519", True),
        (b"a comment before\n" + public_pem("ES256") + b"\n\n", "ES256", False),
    ],
)
def test_a_pem_document_with_one_key_is_read(pem: bytes, alg: str, can_sign: bool) -> None:
    key = parse_pem(pem, kid="k1", algorithms=[alg])

    assert (key.kid, key.algorithms, key.can_sign()) == ("k1", (alg,), can_sign)


CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
X25519 = x25519.X25519PrivateKey.generate().public_key()


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        (b"", "0 blocks"),
        (b"not PEM", "0 blocks"),
        (public_pem("ES256") + public_pem("ES384"), "2 blocks"),
        (CERTIFICATE, "certificate"),
        (CERTIFICATE.replace(b"CERTIFICATE", b"PUBLIC KEY"), "can be read"),
        (CERTIFICATE.replace(b"CERTIFICATE", b"PGP PUBLIC KEY BLOCK"), "can be read"),
        (private_pem("RS256", password=b"secret"), "encrypted"),
        (X25519.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "X25519"),
    ],
)
def test_any_other_document_is_refused(pem: bytes, why: str) -> None:
    with pytest.raises(InvalidKeyError, match=why):
        parse_pem(pem)


def test_a_key_on_a_curve_that_tokens_do_not_use_is_refused() -> None:
    pem = ec.generate_private_key(ec.SECP256K1()).public_key()
    with pytest.raises(InvalidKeyError, match="secp256k1"):
        parse_pem(pem.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_key_for_another_algorithm_is_refused() -> None:
    with pytest.raises(InvalidKeyError, match="oct"):
        parse_pem(public_pem("RS256"), algorithms=["HS256"])


@pytest.mark.parametrize(
    "secret",
    [
        public_pem("RS256"),
        public_pem("RS256", PublicFormat.PKCS1),
        b"\n  " + public_pem("ES256"),
        key_for("EdDSA").public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        key_for("RS256").public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        b'{"kty": "RSA", "n": "0000000000000000000000000000000000000000", "e": "AQAB"}',
        b'{\n  "keys": [{"kty": "RSA", "n": "00000000000000000000000000", "e": "AQAB"}]\n}',
        CERTIFICATE,
    ],
)
def test_a_public_key_is_no_secret(secret: bytes) -> None:
    with pytest.raises(InvalidKeyError, match="looks like"):
        parse_secret(secret)


def test_a_secret_is_used_as_it_is() -> None:
    assert parse_secret(SECRET, algorithms=["HS512"]).public == SECRET


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(InvalidKeyError, match="32 bytes of secret or more; this one has 7") as caught:
        parse_secret(b"hunter2")

    assert "hunter2" not in str(caught.value)
