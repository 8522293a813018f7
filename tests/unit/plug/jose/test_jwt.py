"""A JWT is a signed object that says the right things."""

from __future__ import annotations

import math

import pytest

from clearway.plug.jose import ClaimRules, KeySet, TokenRefusedError, UnknownKeyError, sign, verify_token
from tests.unit.plug.jose.keys import CASES, key_for
from tests.unit.plug.jose.tokens import signed

NOW = 1_800_000_000.0
KEY = key_for("ES256")
KEYS = KeySet([KEY.verify_only()])
HEADER = b'{"alg":"ES256","kid":"k1"}'


@pytest.mark.parametrize("alg", CASES)
def test_what_we_sign_we_verify(alg: str) -> None:
    key = key_for(alg)
    verified = verify_token(sign({"sub": "acme", "exp": NOW + 1}, key), KeySet([key]), now=NOW)

    assert verified.header == {"alg": alg, "kid": "k1", "typ": "JWT"}
    assert verified.claims == {"sub": "acme", "exp": NOW + 1}
    assert (verified.deadline, verified.key) == (NOW + 1, key)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"eyJhbGciOiJub25lIn0.e30."',
        b'{"sub":"a","sub":"b"}',
        b'{"exp":1e400}',
        b'{"exp":NaN}',
        b'{"x":{"y":1,"y":2}}',
        b'{"sub":"\\ud800"}',
        b'{"sub":"a"',
        b"\xff{}",
    ],
)
def test_a_payload_is_one_object_with_unique_names(payload: bytes) -> None:
    with pytest.raises(TokenRefusedError, match="unique names"):
        verify_token(signed(KEY, HEADER, payload), KEYS, now=NOW)


def test_a_payload_with_a_wrong_signature_is_not_parsed() -> None:
    token = signed(KEY, HEADER, b"not JSON")

    with pytest.raises(TokenRefusedError, match="signature"):
        verify_token(token[:-8] + "AAAAAAAA", KEYS, now=NOW)


def test_the_rules_are_applied() -> None:
    with pytest.raises(TokenRefusedError, match="issuer"):
        verify_token(sign({}, KEY), KEYS, ClaimRules(issuers=frozenset({"x"})), now=NOW)


def test_the_options_reach_the_signature_check() -> None:
    token = sign({}, KEY)

    with pytest.raises(TokenRefusedError, match="not allowed"):
        verify_token(token, KEYS, now=NOW, algorithms={"RS256"})
    with pytest.raises(TokenRefusedError, match="too long"):
        verify_token(token, KEYS, now=NOW, max_bytes=10)


def test_an_unknown_key_is_told_apart() -> None:
    with pytest.raises(UnknownKeyError) as caught:
        verify_token(sign({}, key_for("ES256", "k2")), KEYS, now=NOW)

    assert caught.value.kid == "k2"
    assert caught.value.status == 401


def test_no_rules_check_dates_alone() -> None:
    assert verify_token(sign({"aud": "x", "iss": "y"}, KEY), KEYS, now=NOW).deadline == math.inf
    with pytest.raises(TokenRefusedError, match="expired"):
        verify_token(sign({"exp": NOW}, KEY), KEYS, now=NOW)
