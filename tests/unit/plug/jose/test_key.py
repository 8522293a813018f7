"""A key decides what it is for."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from clearway.plug.jose import InvalidKeyError, Key, make_key
from tests.unit.plug.jose.keys import SECRET, key_for

ED25519 = ed25519.Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("material", "algorithms"),
    [
        (SECRET[:32], ("HS256",)),
        (SECRET[:48], ("HS256", "HS384")),
        (SECRET, ("HS256", "HS384", "HS512")),
        (key_for("RS256").public, ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        (key_for("ES256").public, ("ES256",)),
        (key_for("ES384").public, ("ES384",)),
        (key_for("ES512").public, ("ES512",)),
        (ED25519, ("EdDSA", "Ed25519")),
    ],
)
def test_a_key_without_orders_is_for_what_fits_it(material, algorithms: tuple[str, ...]) -> None:
    assert make_key(material).algorithms == algorithms


@pytest.mark.parametrize(
    ("material", "algorithms"),
    [
        (SECRET[:31], None),
        (b"", None),
        (SECRET[:31], ["HS256"]),
        (SECRET[:47], ["HS384"]),
        (SECRET[:63], ["HS512"]),
        (SECRET, ["RS256"]),
        (SECRET, ["none"]),
        (SECRET, []),
        (SECRET, ["HS256", "HS1024"]),
        (key_for("RS256").public, ["HS256"]),
        (key_for("RS256").public, ["ES256"]),
        (key_for("ES256").public, ["ES384"]),
        (key_for("ES256").public, ["EdDSA"]),
        (ED25519, ["ES256"]),
        (ec.generate_private_key(ec.SECP256K1()), None),
        (ec.generate_private_key(ec.SECP256K1()), ["ES256"]),
        (ec.generate_private_key(ec.SECP224R1()), None),
        (rsa.generate_private_key(65537, 1024), None),
        (ed448.Ed448PrivateKey.generate(), None),
        ("a text is not a secret", None),
        (dsa.generate_private_key, None),
    ],
)
def test_a_key_that_fits_nothing_is_refused(material, algorithms: list[str] | None) -> None:
    with pytest.raises(InvalidKeyError):
        make_key(material, algorithms=algorithms)


@pytest.mark.parametrize("kid", ["", "k" * 257])
def test_a_key_id_has_a_length(kid: str) -> None:
    with pytest.raises(InvalidKeyError, match="key id"):
        make_key(SECRET, kid=kid)


def test_a_key_shows_nothing_of_its_material() -> None:
    key = make_key(SECRET, kid="k1")

    assert repr(key) == "Key(kty='oct', kid='k1', algorithms=('HS256', 'HS384', 'HS512'))"


def test_keys_are_equal_when_they_verify_the_same() -> None:
    whole, half = key_for("RS256"), key_for("RS256").verify_only()

    assert whole == half
    assert len({whole, half, key_for("RS256", kid="k2"), key_for("RS384")}) == 3


@pytest.mark.parametrize(
    ("key", "is_secret", "can_sign"),
    [
        (key_for("HS256"), True, True),
        (key_for("HS256").verify_only(), True, True),
        (key_for("ES256"), False, True),
        (key_for("ES256").verify_only(), False, False),
    ],
)
def test_a_key_tells_what_it_can_do(key: Key, is_secret: bool, can_sign: bool) -> None:
    assert (key.is_secret(), key.can_sign()) == (is_secret, can_sign)
