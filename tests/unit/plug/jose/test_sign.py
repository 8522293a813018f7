"""Making tokens."""

from __future__ import annotations

import json

import pytest

from clearway.plug.jose import InvalidKeyError, make_key, sign, sign_bytes
from clearway.plug.jose.base64url import decode
from tests.unit.plug.jose.keys import SECRET, key_for


def header_of(token: str) -> dict[str, object]:
    return json.loads(decode(token.partition(".")[0].encode()))


def test_the_header_names_algorithm_key_and_type() -> None:
    assert header_of(sign({}, key_for("ES256"))) == {"alg": "ES256", "kid": "k1", "typ": "JWT"}
    assert header_of(sign({}, key_for("ES256", None))) == {"alg": "ES256", "typ": "JWT"}
    assert header_of(sign_bytes(b"", key_for("ES256"))) == {"alg": "ES256", "kid": "k1"}


def test_the_header_can_be_changed() -> None:
    header = header_of(sign({}, key_for("ES256"), header={"typ": "at+jwt", "kid": None, "x": 1}))

    assert header == {"alg": "ES256", "typ": "at+jwt", "x": 1}


def test_the_first_algorithm_of_the_key_is_the_default() -> None:
    key = make_key(SECRET)

    assert header_of(sign({}, key))["alg"] == "HS256"
    assert header_of(sign({}, key, "HS512"))["alg"] == "HS512"


def test_a_key_signs_only_what_it_is_for() -> None:
    with pytest.raises(InvalidKeyError, match="not for HS512"):
        sign({}, key_for("HS256"), "HS512")


def test_a_public_key_does_not_sign() -> None:
    with pytest.raises(InvalidKeyError, match="public key"):
        sign({}, key_for("RS256").verify_only())


def test_claims_are_numbers_that_json_has() -> None:
    with pytest.raises(ValueError, match="JSON"):
        sign({"exp": float("inf")}, key_for("HS256"))
