"""Keys as operators keep them: a PEM file or a secret in an environment variable."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from clearway.plug.jose.errors import InvalidKeyError
from clearway.plug.jose.key import Key, PrivateKey, PublicKey, make_key

__all__ = ["parse_pem", "parse_secret"]

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
# A public key is public: as an HMAC secret it would let anybody sign (CVE-2016-5431 and its many children).
_LOOKS_PUBLIC = re.compile(
    rb"-----BEGIN |^\s*(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)|^\s*\{.*\"kty\"", re.DOTALL | re.MULTILINE
)


def parse_pem(pem: bytes, *, kid: str | None = None, algorithms: Iterable[str] | None = None) -> Key:
    """Return the key in a PEM document; raise `InvalidKeyError` if there is not exactly one usable key.

        parse_pem(Path("issuer.pem").read_bytes(), algorithms=["RS256"])

    Takes public keys (SubjectPublicKeyInfo, PKCS #1) and private keys without a passphrase.

    Options:
        kid: The id that tokens name this key by; without one, it is tried for tokens with any id.
        algorithms: What the key is for; None means every algorithm that fits.

    Certificates and encrypted keys are refused.
    """
    labels = _BEGIN.findall(pem)
    if len(labels) != 1:
        raise InvalidKeyError(f"the PEM document holds {len(labels)} blocks instead of one")
    label = labels[0].decode("ascii")
    if label == "CERTIFICATE":
        raise InvalidKeyError(
            "the PEM document is a certificate, not a key",
            hint="extract the key with: openssl x509 -pubkey -noout -in FILE",
        )
    return make_key(_load(pem, label), kid=kid, algorithms=algorithms)


def _load(pem: bytes, label: str) -> PublicKey | PrivateKey:
    try:
        if label.endswith("PUBLIC KEY"):
            key: object = load_pem_public_key(pem)
        else:
            key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise InvalidKeyError("the PEM key is encrypted", hint="decrypt it with: openssl pkey") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidKeyError(f"the PEM block {label!r} is not a key that can be read") from None
    if not isinstance(key, _SIGNING_KEYS):
        raise InvalidKeyError(
            f"a {type(key).__name__} is not for signatures that we know",
            hint="use an RSA, EC (P-256, P-384, P-521) or Ed25519 key",
        )
    return key


_SIGNING_KEYS = (
    rsa.RSAPublicKey,
    rsa.RSAPrivateKey,
    ec.EllipticCurvePublicKey,
    ec.EllipticCurvePrivateKey,
    ed25519.Ed25519PublicKey,
    ed25519.Ed25519PrivateKey,
)


def parse_secret(secret: bytes, *, kid: str | None = None, algorithms: Iterable[str] | None = None) -> Key:
    """Return an HMAC key; raise `InvalidKeyError` if the secret is short or looks like a public key.

        parse_secret(b"0123456789abcdef0123456789abcdef").algorithms      # ("HS256",)

    The bytes are used as they are: base64 is not decoded.

    Options:
        kid: The id that tokens name this key by.
        algorithms: What the key is for; None means HS256, HS384 and HS512 as far as its length allows.
    """
    if _LOOKS_PUBLIC.search(secret):
        raise InvalidKeyError(
            "the secret looks like a PEM, SSH or JWK key", hint="give it as a key, not as a shared secret"
        )
    return make_key(secret, kid=kid, algorithms=algorithms)
