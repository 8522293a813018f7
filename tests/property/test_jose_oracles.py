# Invariant: about tokens that have one reading, PyJWT, joserfc and we are of one mind.
# Where they are laxer (repeated names, for one), the unit tests say what we do instead.
"""Tokens before three judges."""

from __future__ import annotations

import json
import warnings
from functools import cache
from typing import Any

import joserfc.errors
import joserfc.jwk
import joserfc.jwt
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.clock import wall
from clearway.plug.jose import ClaimRules, KeySet, TokenRefusedError, parse_key_set, sign, verify_token
from tests.unit.plug.jose.keys import CASES, key_for
from tests.unit.plug.jose.tokens import signed

ISSUER, AUDIENCE = "https://id.example", "orders"
RULES = ClaimRules(issuers=frozenset({ISSUER}), audiences=frozenset({AUDIENCE}))
PYJWT_CASES = [alg for alg in CASES if alg != "Ed25519"]  # RFC 9864's name is not known there
KTY = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@cache
def joserfc_key(alg: str) -> Any:
    material = key_for(alg).private
    if isinstance(material, bytes):
        return joserfc.jwk.OctKey.import_key(material)
    pem = material.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return joserfc.jwk.import_key(pem, KTY[alg[:2]])


def ours(token: str, alg: str) -> bool:
    try:
        verify_token(token, KeySet([key_for(alg).verify_only()]), RULES, now=wall())
    except TokenRefusedError:
        return False
    return True


def pyjwts(token: str, alg: str) -> bool:
    required = {"require": ["iss", "aud"]}
    try:
        jwt.decode(token, key_for(alg).public, [alg], options=required, audience=AUDIENCE, issuer=ISSUER)
    except jwt.PyJWTError:
        return False
    return True


def joserfcs(token: str, alg: str) -> bool:
    registry = joserfc.jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": AUDIENCE}
    )
    try:
        with warnings.catch_warnings(action="ignore"):  # it warns of EdDSA, whose name RFC 9864 retires
            verified = joserfc.jwt.decode(token, joserfc_key(alg), algorithms=[alg])
        registry.validate(verified.claims)
    except joserfc.errors.JoseError:
        return False
    return True


def verdicts(token: str, alg: str) -> set[bool]:
    judges = [ours, joserfcs] if alg == "Ed25519" else [ours, pyjwts, joserfcs]
    return {judge(token, alg) for judge in judges}


def good_claims() -> dict[str, Any]:
    now = int(wall())
    dates = {"exp": now + 1000, "nbf": now - 1000, "iat": now - 1000}
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "acme", **dates}


@pytest.mark.parametrize("alg", CASES)
def test_all_take_what_we_sign(alg: str) -> None:
    assert verdicts(sign(good_claims(), key_for(alg)), alg) == {True}


@pytest.mark.parametrize("alg", PYJWT_CASES)
def test_we_take_what_pyjwt_signs(alg: str) -> None:
    assert ours(jwt.encode(good_claims(), key_for(alg).private, alg, headers={"kid": "k1"}), alg)


@pytest.mark.parametrize("alg", CASES)
def test_we_take_what_joserfc_signs_by_the_key_that_it_writes(alg: str) -> None:
    key = joserfc_key(alg)
    written = json.dumps({"keys": [{**key.as_dict(private=alg.startswith("HS")), "kid": "k1"}]}).encode()
    with warnings.catch_warnings(action="ignore"):
        token = joserfc.jwt.encode({"alg": alg, "kid": "k1"}, good_claims(), key, algorithms=[alg])

    assert ours(token, alg)
    assert verify_token(token, parse_key_set(written), RULES, now=wall()).claims["sub"] == "acme"


# Dates lie far from now, so that a slow run cannot change a verdict.
DATES = st.sampled_from([-(10**6), -1000, 1000, 10**6])
WRONG_TYPES = st.sampled_from([True, [], {}, "soon", ["orders", 1], 1.5, ""])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.sampled_from([ISSUER, ISSUER + "/", ISSUER[:-1], ISSUER.upper(), "", [ISSUER], 7, None]),
        "aud": st.sampled_from(
            [AUDIENCE, [AUDIENCE], ["x", AUDIENCE], "order", "orders ", ["order"], [], "", 7, [AUDIENCE, 7]]
        ),
        "sub": st.sampled_from(["acme", "", 7, ["acme"], {}]),
        "jti": st.sampled_from(["1", "", 7]),
        "exp": DATES,
        "nbf": DATES,
        "iat": DATES,
        "x": st.none() | WRONG_TYPES,
    },
)


@pytest.mark.parametrize("alg", ["HS256", "ES256", "EdDSA"])
@given(changes=CHANGES, dropped=st.sets(st.sampled_from(["iss", "aud", "sub", "exp", "nbf", "iat"])))
def test_all_judge_claims_alike(alg: str, changes: dict[str, Any], dropped: set[str]) -> None:
    claims = good_claims()
    for name, value in changes.items():
        claims[name] = int(wall()) + value if name in ("exp", "nbf", "iat") else value
    for name in dropped:
        del claims[name]

    assert len(verdicts(sign(claims, key_for(alg)), alg)) == 1


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["soon", [], {}, None])
def test_all_refuse_dates_that_are_none(name: str, value: object) -> None:
    assert verdicts(sign({**good_claims(), name: value}, key_for("HS256")), "HS256") == {False}


@pytest.mark.parametrize("alg", CASES)
@settings(max_examples=25)
@given(data=st.data())
def test_all_refuse_a_changed_signature(alg: str, data: st.DataObject) -> None:
    head, _, signature = sign(good_claims(), key_for(alg)).rpartition(".")
    place = data.draw(st.integers(0, len(signature) - 2))  # the last one may hold unused bits: see LAX
    letter = data.draw(st.sampled_from("AZaz09-_").filter(lambda letter: letter != signature[place]))

    assert verdicts(f"{head}.{signature[:place]}{letter}{signature[place + 1 :]}", alg) == {False}


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": ""},
        {"alg": None},
        {},
        {"alg": "HS256", "crit": ["x"], "x": 1},
        {"alg": "HS256", "crit": ["x"]},
        {"alg": "HS256", "crit": "x", "x": 1},
        {"alg": "HS256", "kid": 7},
    ],
)
def test_all_refuse_headers_that_lie(header: dict[str, Any]) -> None:
    assert verdicts(signed_hs256(json.dumps(header), json.dumps(good_claims())), "HS256") == {False}


def signed_hs256(header: str, payload: str) -> str:
    return signed(key_for("HS256"), header.encode(), payload.encode())


HEADER = '{"alg":"HS256"}'
CLAIMS = json.dumps(good_claims())
LAX = {
    "a critical list of nothing": signed_hs256('{"alg":"HS256","crit":[]}', CLAIMS),
    "a standard name as critical": signed_hs256('{"alg":"HS256","crit":["alg"]}', CLAIMS),
    "a repeated name in the header": signed_hs256('{"alg":"none","alg":"HS256"}', CLAIMS),
    "a repeated name in the claims": signed_hs256(HEADER, '{"sub":"root",' + CLAIMS[1:]),
    "a number without end": signed_hs256(HEADER, '{"x":1e400,' + CLAIMS[1:]),
    "a number that is none": signed_hs256(HEADER, '{"x":NaN,' + CLAIMS[1:]),
    "padding": signed_hs256(HEADER, CLAIMS) + "=",
}


@pytest.mark.parametrize("name", LAX)
def test_we_refuse_what_one_of_the_others_takes(name: str) -> None:
    assert not ours(LAX[name], "HS256")
    assert pyjwts(LAX[name], "HS256") or joserfcs(LAX[name], "HS256")
