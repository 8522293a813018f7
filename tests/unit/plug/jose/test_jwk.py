"""A JWK is a key only if every member says so."""

from __future__ import annotations

from typing import Any

import pytest

from clearway.plug.jose import InvalidKeyError, parse_jwk
from tests.unit.plug.jose.keys import EC_JWK, ED25519_JWK, HMAC_JWK, RSA_JWK, public

RSA, EC, OKP = public(RSA_JWK), public(EC_JWK), public(ED25519_JWK)


@pytest.mark.parametrize(
    ("jwk", "kty", "can_sign"),
    [
        (HMAC_JWK, "oct", True),
        (RSA, "RSA", False),
        (RSA_JWK, "RSA", True),
        (EC, "EC", False),
        (EC_JWK, "EC", True),
        (OKP, "OKP", False),
        (ED25519_JWK, "OKP", True),
    ],
)
def test_each_type_of_key_is_read(jwk: dict[str, str], kty: str, can_sign: bool) -> None:
    key = parse_jwk(jwk)

    assert (key.kty, key.can_sign()) == (kty, can_sign)


@pytest.mark.parametrize(
    ("members", "algorithms"),
    [
        ({"alg": "RS512"}, ("RS512",)),
        ({"use": "sig"}, ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        ({"key_ops": ["verify"]}, ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        ({"use": "sig", "key_ops": ["verify", "sign"], "alg": "PS256"}, ("PS256",)),
        ({"x5c": ["MIIB"], "x5t": "AA", "ext": True, "unknown": 1, "alg": "RS256"}, ("RS256",)),
    ],
)
def test_members_narrow_what_a_key_is_for(members: dict[str, Any], algorithms: tuple[str, ...]) -> None:
    assert parse_jwk({**RSA, **members}).algorithms == algorithms


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_both_names_of_ed25519_stand_for_both(alg: str) -> None:
    assert parse_jwk({**OKP, "alg": alg}).algorithms == ("EdDSA", "Ed25519")


@pytest.mark.parametrize(
    ("jwk", "allowed", "algorithms"),
    [
        (RSA, ["RS256"], ("RS256",)),
        (RSA, ["ES256", "RS256", "EdDSA"], ("RS256",)),
        (EC, ["ES384", "RS256", "ES256"], ("ES256",)),
        ({**OKP, "alg": "EdDSA"}, ["Ed25519"], ("Ed25519",)),
        ({**RSA, "alg": "RS256"}, ["RS256", "PS256"], ("RS256",)),
    ],
)
def test_an_allow_list_narrows_further(jwk: dict[str, str], allowed: list[str], algorithms) -> None:
    assert parse_jwk(jwk, algorithms=allowed).algorithms == algorithms


@pytest.mark.parametrize(
    ("jwk", "allowed"), [(RSA, ["ES256"]), ({**RSA, "alg": "RS512"}, ["RS256"]), (EC, []), (RSA, ["none"])]
)
def test_a_key_that_no_allow_list_names_is_refused(jwk: dict[str, str], allowed: list[str]) -> None:
    with pytest.raises(InvalidKeyError):
        parse_jwk(jwk, algorithms=allowed)


@pytest.mark.parametrize(
    ("jwk", "why"),
    [
        ({**RSA, "use": "enc"}, "use"),
        ({**RSA, "use": None}, "use"),
        ({**RSA, "use": "SIG"}, "use"),
        ({**RSA, "key_ops": ["encrypt"]}, "key_ops"),
        ({**RSA, "key_ops": []}, "key_ops"),
        ({**RSA, "key_ops": "verify"}, "key_ops"),
        ({**RSA, "key_ops": [1]}, "key_ops"),
        ({**RSA, "key_ops": ["verify", "verify"]}, "repeats"),
        ({**RSA, "key_ops": ["sign, verify"]}, "key_ops"),
        ({**RSA, "use": "sig", "key_ops": ["wrapKey"]}, "key_ops"),
        ({**RSA, "alg": "RSA-OAEP"}, "alg"),
        ({**RSA, "alg": "none"}, "alg"),
        ({**RSA, "alg": None}, "alg"),
        ({**RSA, "alg": ["RS256"]}, "alg"),
        ({**RSA, "alg": "HS256"}, "oct"),
        ({**RSA, "alg": "ES256"}, "EC"),
        ({**EC, "alg": "ES384"}, "P-384"),
        ({**HMAC_JWK, "alg": "A256KW"}, "alg"),
        ({**HMAC_JWK, "alg": "RS256"}, "RSA"),
        ({**RSA, "kid": 7}, "kid"),
        ({**RSA, "kid": ""}, "key id"),
        ({**RSA, "kid": "k" * 257}, "key id"),
        ({"kty": "rsa"}, "kty"),
        ({"kty": ["RSA"]}, "kty"),
        ({}, "kty"),
    ],
)
def test_a_key_for_something_else_is_refused(jwk: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidKeyError, match=why):
        parse_jwk(jwk)


@pytest.mark.parametrize(
    ("jwk", "why"),
    [
        ({"kty": "oct"}, "lacks k"),
        ({"kty": "oct", "k": ""}, "lacks k"),
        ({"kty": "oct", "k": HMAC_JWK["k"] + "=="}, "base64url"),
        ({"kty": "oct", "k": HMAC_JWK["k"].replace("-", "+")}, "base64url"),
        ({"kty": "oct", "k": "é" * 43}, "base64url"),
        ({"kty": "oct", "k": "AAAA"}, "bytes"),
        ({**RSA, "n": 5}, "lacks n"),
        ({**RSA, "e": "AQ"}, "RSA"),
        ({**RSA, "e": "Ag"}, "RSA"),
        ({**RSA, "n": RSA["n"][:172]}, "bits"),
        ({**RSA_JWK, "p": RSA_JWK["q"]}, "RSA"),
        ({**RSA_JWK, "d": "AQAB"}, "RSA"),
        ({**RSA_JWK, "oth": []}, "two primes"),
        ({**RSA, "d": RSA_JWK["d"]}, "lacks p"),
        ({**EC, "crv": "P-384"}, "48"),
        ({**EC, "crv": "P-521"}, "66"),
        ({**EC, "crv": "secp256k1"}, "crv"),
        ({**EC, "crv": ["P-256"]}, "crv"),
        ({**EC, "x": EC["y"]}, "curve"),
        ({**EC, "x": "A" * 43, "y": "A" * 43}, "curve"),
        ({**EC, "x": "AAAA" + EC["x"]}, "32"),
        ({**EC_JWK, "d": RSA_JWK["d"]}, "32"),
        ({**EC_JWK, "d": ED25519_JWK["d"]}, "curve"),
        ({**OKP, "crv": "X25519"}, "Ed25519"),
        ({**OKP, "crv": "Ed448"}, "Ed25519"),
        ({**OKP, "x": "AAAA"}, "32"),
        ({**ED25519_JWK, "d": EC_JWK["d"]}, "halves"),
        ({**EC, "kty": "RSA"}, "lacks"),
        ({**RSA, "kty": "EC"}, "crv"),
        ({**RSA, "kty": "oct"}, "lacks k"),
    ],
)
def test_broken_material_is_refused(jwk: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidKeyError, match=why):
        parse_jwk(jwk)


def test_the_error_holds_nothing_of_the_key() -> None:
    with pytest.raises(InvalidKeyError) as caught:
        parse_jwk({"kty": "oct", "k": "aHVudGVyMg"})

    assert "aHVudGVyMg" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
