"""Every algorithm verifies what it signed, and nothing else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from clearway.plug.jose import ALGORITHMS, KeySet, TokenRefusedError, parse_jwk, sign_bytes, verify_jws
from tests.unit.plug.jose.keys import CASES, EC_JWK, ED25519_JWK, HMAC_JWK, key_for, public
from tests.unit.plug.jose.tokens import token_of

JOE = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
ES256_SIGNATURE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
ED25519_SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
PRINTED = {
    "RFC 7515 A.1": (
        HMAC_JWK,
        f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ),
    "RFC 7515 A.3": (
        EC_JWK,
        f"eyJhbGciOiJFUzI1NiJ9.{JOE}.{ES256_SIGNATURE}",
    ),
    "RFC 8037 A.4": (
        ED25519_JWK,
        f"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.{ED25519_SIGNATURE}",
    ),
}


@pytest.mark.parametrize("name", PRINTED)
def test_tokens_that_the_rfcs_print_are_verified(name: str) -> None:
    jwk, token = PRINTED[name]

    assert verify_jws(token, KeySet([parse_jwk(public(jwk))])).payload


@pytest.mark.parametrize("alg", CASES)
def test_a_signature_is_good_under_its_own_key(alg: str) -> None:
    key = key_for(alg)
    token = sign_bytes(b"payload", key)

    header, payload, used = verify_jws(token, KeySet([key.verify_only()]))

    assert (header, payload) == ({"alg": alg, "kid": "k1"}, b"payload")
    assert used == key


@pytest.mark.parametrize("alg", CASES)
def test_a_signature_is_bad_for_another_message(alg: str) -> None:
    key = key_for(alg)
    signature = ALGORITHMS[alg].signer(key.private)(b"message")

    assert key.verifiers[alg](signature, b"message")
    assert not key.verifiers[alg](signature, b"massage")


@pytest.mark.parametrize("alg", CASES)
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda good: b"", id="empty"),
        pytest.param(lambda good: good[:-1], id="one byte short"),
        pytest.param(lambda good: good + b"\0", id="one byte long"),
        pytest.param(lambda good: b"\0" + good, id="zero in front"),
        pytest.param(lambda good: bytes(len(good)), id="all zero"),
        pytest.param(lambda good: b"\xff" * len(good), id="all ones"),
        pytest.param(lambda good: bytes([good[0] ^ 1]) + good[1:], id="one bit"),
    ],
)
def test_a_damaged_signature_is_bad_and_never_raises(alg: str, damage) -> None:
    key = key_for(alg)
    good = ALGORITHMS[alg].signer(key.private)(b"message")

    assert key.verifiers[alg](damage(good), b"message") is False


@pytest.mark.parametrize(("alg", "size"), [("ES256", 64), ("ES384", 96), ("ES512", 132)])
def test_an_elliptic_signature_is_two_numbers_of_full_length(alg: str, size: int) -> None:
    assert len(ALGORITHMS[alg].signer(key_for(alg).private)(b"message")) == size


def test_an_elliptic_signature_in_der_is_refused() -> None:
    key = key_for("ES256")
    der = key.private.sign(b"message", ec.ECDSA(hashes.SHA256()))

    assert not key.verifiers["ES256"](der, b"message")


@pytest.mark.parametrize("alg", ["none", "NONE", "nOnE", "", "HS1", "hs256", "RS1", "ES256K", "Ed448"])
def test_an_algorithm_off_the_table_does_not_exist(alg: str) -> None:
    with pytest.raises(TokenRefusedError):
        verify_jws(token_of({"alg": alg}, b"{}", b""), KeySet([key_for("HS256", kid=None)]))


def test_the_table_is_what_the_documentation_lists() -> None:
    assert tuple(ALGORITHMS) == CASES
