"""A compact token is three parts with one reading, under a key of ours."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clearway.plug.jose import (
    KeySet,
    TokenRefusedError,
    UnknownKeyError,
    make_key,
    sign_bytes,
    verify_jws,
)
from clearway.plug.jose.base64url import encode
from tests.unit.plug.jose.keys import CASES, EC_JWK, ED25519_JWK, RSA_JWK, key_for, public
from tests.unit.plug.jose.tokens import signed, token_of

KEY = key_for("HS256", "k1")
KEYS = KeySet([KEY])
HEADER = b'{"alg":"HS256","kid":"k1"}'
GOOD = signed(KEY, HEADER, b"payload")


def refusal(token: bytes | str, keys: KeySet = KEYS, **options) -> TokenRefusedError:
    with pytest.raises(TokenRefusedError) as caught:
        verify_jws(token, keys, **options)
    return caught.value


@pytest.mark.parametrize("token", [GOOD, GOOD.encode()])
def test_a_good_token_is_its_header_its_payload_and_its_key(token: bytes | str) -> None:
    assert verify_jws(token, KEYS) == ({"alg": "HS256", "kid": "k1"}, b"payload", KEY)


def test_an_empty_payload_is_a_payload() -> None:
    assert verify_jws(signed(KEY, HEADER, b""), KEYS).payload == b""


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        GOOD.rpartition(".")[0],
        GOOD.rpartition(".")[0] + ".",
        GOOD + ".",
        "." + GOOD,
        GOOD + ".e30",
        GOOD.replace(".", ".."),
        GOOD.partition(".")[2],
        json.dumps({"payload": "e30", "signatures": []}),
    ],
)
def test_a_token_has_exactly_three_parts(token: str) -> None:
    refusal(token)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda t: t + "=", id="padding"),
        pytest.param(lambda t: " " + t, id="space before"),
        pytest.param(lambda t: t + " ", id="space after"),
        pytest.param(lambda t: t.replace(".", ". "), id="space inside"),
        pytest.param(lambda t: t + "\n", id="line break"),
        pytest.param(lambda t: t.replace(".", "=.", 1), id="padded header"),
        pytest.param(lambda t: t[:-1] + chr(ord(t[-1]) + 1), id="unused bits"),
        pytest.param(lambda t: t + "A", id="one more character"),
        pytest.param(lambda t: t + "é", id="not ASCII"),
        pytest.param(lambda t: t + "\0", id="NUL"),
    ],
)
def test_a_token_has_one_spelling(damage) -> None:
    refusal(damage(GOOD))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"null",
        b"[]",
        b'"HS256"',
        b"{",
        b"\xff",
        b'{"alg":"HS256","alg":"HS256"}',
        b'{"alg":"HS256","kid":"k1","kid":"k1"}',
        b'{"alg":"HS256","x":NaN}',
        b'{"alg":"HS256","x":1e400}',
        b'{"alg":"HS256","x":' + b"[" * 40 + b"]" * 40 + b"}",
        b"\xef\xbb\xbf" + HEADER,
        HEADER + b"x",
    ],
)
def test_a_header_is_one_object_with_unique_names(header: bytes) -> None:
    assert refusal(signed(KEY, header, b"{}")).reason == (
        "the token header is not a JSON object with unique names"
    )


@pytest.mark.parametrize(
    "alg",
    [
        None,
        0,
        True,
        [],
        ["HS256"],
        {},
        "",
        "none",
        "None",
        "NONE",
        "nOnE",
        "hs256",
        "HS256 ",
        "HS384",
        "RS256",
    ],
)
def test_the_token_does_not_choose_its_algorithm(alg: object) -> None:
    header = {"alg": alg, "kid": "k1"}

    refusal(token_of(header, b"{}", b""))
    refusal(signed(KEY, json.dumps(header).encode(), b"{}"))


def test_a_header_without_alg_is_refused() -> None:
    assert refusal(signed(KEY, b'{"kid":"k1"}', b"{}")).reason == "the token header has no alg"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_public_key_never_serves_as_a_secret(alg: str) -> None:
    key = key_for(alg)
    for form in (Encoding.PEM, Encoding.DER):
        secret = key.public.public_bytes(form, PublicFormat.SubjectPublicKeyInfo)
        forged = signed(make_key(secret, algorithms=["HS256"]), HEADER, b"{}")

        assert refusal(forged, KeySet([key])).reason == (
            "the token is signed with an algorithm that no key here is for"
        )


@pytest.mark.parametrize("alg", CASES)
def test_every_other_algorithm_is_refused_under_a_bound_key(alg: str) -> None:
    token = sign_bytes(b"{}", key_for(alg))
    for other in CASES:
        if other != alg:
            refusal(token, KeySet([key_for(other)]))


def test_the_caller_may_narrow_what_keys_allow() -> None:
    assert verify_jws(GOOD, KEYS, algorithms={"HS256", "RS256"})
    assert "not allowed here" in refusal(GOOD, algorithms={"RS256"}).reason


# crit: RFC 7515 section 4.1.11


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"crit": ["exp"], "exp": 1}, "not supported"),
        ({"crit": ["b64"], "b64": True}, "not supported"),
        ({"crit": ["x", "y"], "x": 1, "y": 2}, "not supported"),
        ({"crit": ["x"]}, "absent"),
        ({"crit": ["x", "y"], "x": 1}, "absent"),
        ({"crit": ["alg"]}, "standard"),
        ({"crit": ["kid"]}, "standard"),
        ({"crit": ["crit"]}, "standard"),
        ({"crit": ["x5t#S256"], "x5t#S256": ""}, "standard"),
        ({"crit": ["x", "x"], "x": 1}, "repeats"),
        ({"crit": []}, "malformed"),
        ({"crit": "x", "x": 1}, "malformed"),
        ({"crit": None}, "malformed"),
        ({"crit": [1]}, "malformed"),
        ({"crit": {"x": 1}, "x": 1}, "malformed"),
    ],
)
def test_critical_extensions_are_refused(members: dict[str, object], why: str) -> None:
    header = json.dumps({"alg": "HS256", "kid": "k1", **members}).encode()

    assert why in refusal(signed(KEY, header, b"{}")).reason


@pytest.mark.parametrize("b64", [False, None, 0, "false"])
def test_an_unencoded_payload_is_refused_with_crit_and_without(b64: object) -> None:
    for members in ({"b64": b64}, {"b64": b64, "crit": ["b64"]}):
        header = json.dumps({"alg": "HS256", "kid": "k1", **members}).encode()

        assert "unencoded" in refusal(signed(KEY, header, b"{}")).reason


# Keys that the token brings along


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_a_key_inside_the_token_is_not_trusted(alg: str) -> None:
    jwk = public({"RS256": RSA_JWK, "ES256": EC_JWK, "EdDSA": ED25519_JWK}[alg])
    evil = "https://evil.example/"
    members = {"jwk": jwk, "jku": evil, "x5u": evil, "x5c": ["MIIB"]}
    header = json.dumps({"alg": alg, **members}).encode()

    refusal(signed(key_for(alg), header, b"{}"), KeySet([key_for("ES384")]))


def test_a_key_inside_the_token_does_not_spoil_a_good_one() -> None:
    header = (
        b'{"alg":"HS256","kid":"k1","jwk":{"kty":"oct"},"jku":"https://evil.example","x5c":[],"x5t":"AA"}'
    )

    assert verify_jws(signed(KEY, header, b"{}"), KEYS).key == KEY


# kid


@pytest.mark.parametrize("kid", [None, 1, [], {}, True, "k" * 257])
def test_a_kid_is_a_short_string(kid: object) -> None:
    header = json.dumps({"alg": "HS256", "kid": kid}).encode()

    assert "kid" in refusal(signed(KEY, header, b"{}")).reason


@pytest.mark.parametrize("kid", ["", "../../etc/passwd", "' OR 1=1 --", "$(id)", "k1\0", "K1", "é" * 256])
def test_an_unknown_kid_is_only_looked_up(kid: str) -> None:
    error = refusal(signed(KEY, json.dumps({"alg": "HS256", "kid": kid}).encode(), b"{}"))

    assert isinstance(error, UnknownKeyError)
    assert error.kid == kid
    assert not kid or kid not in error.reason


def test_a_wrong_signature_under_a_known_kid_does_not_ask_for_new_keys() -> None:
    forged = signed(key_for("HS256", "k1"), HEADER, b"{}")[:-4] + "AAAA"

    assert not isinstance(refusal(forged), UnknownKeyError)


def test_a_token_without_kid_is_tried_under_each_key_of_its_algorithm() -> None:
    several = [make_key(ed25519.Ed25519PrivateKey.generate(), kid=f"k{n}") for n in range(4)]
    token = sign_bytes(b"{}", several[3], header={"kid": None})

    assert verify_jws(token, KeySet(several)).key == several[3]


def test_a_token_without_kid_is_not_tried_under_many_keys() -> None:
    many = [make_key(ed25519.Ed25519PrivateKey.generate(), kid=f"k{n}") for n in range(5)]

    assert "too many" in refusal(sign_bytes(b"{}", many[0], header={"kid": None}), KeySet(many)).reason


def test_no_keys_verify_nothing() -> None:
    refusal(GOOD, KeySet(()))


# Size


def test_a_long_token_is_refused_unread() -> None:
    assert refusal(GOOD, max_bytes=len(GOOD) - 1).reason == "the token is too long"
    assert verify_jws(GOOD, KEYS, max_bytes=len(GOOD))
    assert refusal("a" * 16_385).reason == "the token is too long"


def test_no_refusal_quotes_the_token() -> None:
    secret = encode(b"hunter2").decode()

    assert secret not in refusal(f"{secret}.{secret}.{secret}").reason
