"""A set finds at most one key for a kid, and refuses to be ambiguous."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clearway.plug.jose import InvalidKeyError, KeySet, parse_key_set
from tests.unit.plug.jose.keys import EC_JWK, ED25519_JWK, HMAC_JWK, RSA_JWK, key_for, public

RSA = {**public(RSA_JWK), "kid": "rsa"}
EC = {**public(EC_JWK), "kid": "ec"}
OKP = {**public(ED25519_JWK), "kid": "okp"}


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": keys}).encode()


NAMED, OTHER = key_for("ES256", "a"), key_for("ES384", "b")
UNNAMED = key_for("EdDSA", None)


@pytest.mark.parametrize(
    ("kid", "alg", "found"),
    [
        pytest.param("a", "ES256", (NAMED,), id="a known kid is one key"),
        pytest.param("a", "ES384", (), id="which is not for that algorithm"),
        pytest.param("a", "EdDSA", (), id="nor lets an unnamed key stand in"),
        pytest.param("x", "EdDSA", (UNNAMED,), id="an unknown kid may be the unnamed key"),
        pytest.param("x", "ES256", (), id="and never a key of another name"),
        pytest.param(None, "ES384", (OTHER,), id="no kid means whoever is for the algorithm"),
        pytest.param(None, "EdDSA", (UNNAMED,), id="named or not"),
        pytest.param(None, "HS256", (), id="if anybody is"),
    ],
)
def test_candidates_follow_the_kid(kid: str | None, alg: str, found: tuple[object, ...]) -> None:
    assert KeySet([NAMED, OTHER, UNNAMED]).candidates(kid, alg) == found


def test_a_set_knows_its_names() -> None:
    keys = KeySet([NAMED, UNNAMED], generation=3)

    assert (keys.knows("a"), keys.knows("b"), len(keys), keys.generation) == (True, False, 2, 3)
    assert repr(keys) == "<KeySet 3: 2 keys (a, -), 0 skipped>"


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidKeyError, match="same kid"):
        KeySet([NAMED, key_for("ES384", "a")])


def test_secrets_beside_public_keys_are_refused() -> None:
    with pytest.raises(InvalidKeyError, match="mixes"):
        KeySet([NAMED, key_for("HS256", "b")])


def test_every_usable_key_of_a_document_is_read() -> None:
    keys = parse_key_set(document(RSA, EC, OKP), generation=7)

    assert [key.kid for key in keys.keys] == ["rsa", "ec", "okp"]
    assert (keys.generation, keys.skipped) == (7, ())


def test_private_halves_are_dropped() -> None:
    keys = parse_key_set(document(RSA_JWK, {**EC_JWK, "kid": "ec"}))

    assert not any(key.can_sign() for key in keys.keys)


def test_a_single_key_is_a_set_of_one() -> None:
    assert len(parse_key_set(json.dumps(RSA).encode())) == 1


def test_keys_for_others_are_skipped_with_a_reason() -> None:
    keys = parse_key_set(document({**RSA, "use": "enc"}, EC, {"kty": "new", "kid": "x"}))

    assert [key.kid for key in keys.keys] == ["ec"]
    assert [reason.partition(":")[0] for reason in keys.skipped] == ["key 1 (kid 'rsa')", "key 3 (kid 'x')"]


def test_an_allow_list_holds_for_every_key() -> None:
    keys = parse_key_set(document(RSA, EC, OKP), algorithms=["PS256", "ES256"])

    assert [key.algorithms for key in keys.keys] == [("PS256",), ("ES256",)]
    assert len(keys.skipped) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"[]", "object"),
        (b"{}", "keys"),
        (b'{"keys": {}}', "keys"),
        (b'{"keys": [1]}', "keys"),
        (b'{"keys": []}', "no usable key"),
        (b'{"keys": [], "keys": []}', "repeated"),
        (b'{"keys": [' + b"[" * 100, "deep"),
        (document({**RSA, "use": "enc"}), "no usable key; key 1"),
        (document(RSA, {**EC, "kid": "rsa"}), "same kid"),
        (document(RSA, {**EC, "kid": "rsa", "use": "enc"}), "same kid"),
        (document(RSA, {**HMAC_JWK, "kid": "hs"}), "mixes"),
        (document(*[{"kty": "new"}] * 101), "more than 100"),
    ],
)
def test_a_document_that_is_no_set_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(InvalidKeyError, match=why):
        parse_key_set(content)


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(HMAC_JWK, id="a secret"),
        pytest.param({"kty": "oct", "k": ""}, id="an empty secret"),
        pytest.param({"kty": "oct", "use": "enc"}, id="a secret for encryption"),
        pytest.param(RSA_JWK, id="a private RSA key"),
        pytest.param(EC_JWK, id="a private EC key"),
        pytest.param(ED25519_JWK, id="a private Ed25519 key"),
    ],
)
def test_a_published_set_with_secrets_is_refused_whole(leak: dict[str, str]) -> None:
    with pytest.raises(InvalidKeyError, match="private key or a shared secret"):
        parse_key_set(document({**RSA, "kid": "other"}, {**leak, "kid": "leak"}), remote=True)
