# Invariants:
# - Every change to a good token makes it bad: no byte is ignored.
# - Whatever is thrown at the verifier, it verifies or raises TokenRefusedError, and nothing else.
# - A document and a base64url text have one reading: what is accepted is what the encoder would have written.
"""Tokens under random damage."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearway.plug.jose import (
    ClaimRules,
    InvalidKeyError,
    KeySet,
    TokenRefusedError,
    parse_key_set,
    sign,
    verify_jws,
    verify_token,
)
from clearway.plug.jose.base64url import decode, encode
from clearway.plug.jose.strict_json import MAX_DEPTH, loads
from tests.unit.plug.jose.keys import CASES, EC_JWK, ED25519_JWK, RSA_JWK, key_for, public
from tests.unit.plug.jose.tokens import signed

NOW = 1_800_000_000
CHEAP = ("HS256", "RS256", "PS256", "ES256", "EdDSA")
KEYS = {alg: KeySet([key_for(alg).verify_only()]) for alg in CASES}
TOKENS = {alg: sign({"sub": "acme", "exp": NOW + 60}, key_for(alg)).encode() for alg in CASES}
SENDABLE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6750 section 3
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def refused(token: bytes, keys: KeySet) -> bool:
    try:
        verify_token(token, keys, now=NOW)
    except TokenRefusedError as refusal:
        return SENDABLE.fullmatch(refusal.reason) is not None
    return False


@pytest.mark.parametrize("alg", CASES)
def test_the_token_before_the_damage_is_good(alg: str) -> None:
    assert not refused(TOKENS[alg], KEYS[alg])


@pytest.mark.parametrize("alg", ["HS256", "EdDSA"])
def test_every_bit_of_a_token_counts(alg: str) -> None:
    good = TOKENS[alg]
    for place in range(len(good)):
        for bit in range(8):
            bad = good[:place] + bytes([good[place] ^ (1 << bit)]) + good[place + 1 :]

            assert refused(bad, KEYS[alg])


@pytest.mark.parametrize("alg", CHEAP)
@given(data=st.data())
def test_a_token_with_another_byte_is_refused(alg: str, data: st.DataObject) -> None:
    good = TOKENS[alg]
    place = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != good[place]))

    assert refused(good[:place] + bytes([byte]) + good[place + 1 :], KEYS[alg])


@pytest.mark.parametrize("alg", CHEAP)
@given(data=st.data())
def test_a_token_that_is_cut_or_filled_is_refused(alg: str, data: st.DataObject) -> None:
    good = TOKENS[alg]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(good))] * 2)))
    filling = data.draw(st.binary(max_size=8) | st.sampled_from([b".", b"=", b" ", b"AAAA"]))
    bad = good[:start] + filling + good[end:]

    assert bad == good or refused(bad, KEYS[alg])


@pytest.mark.parametrize("alg", CHEAP)
@given(signature=st.binary(max_size=600))
def test_no_signature_is_good_by_chance(alg: str, signature: bytes) -> None:
    signed_part = TOKENS[alg].rpartition(b".")[0]

    assert refused(signed_part + b"." + encode(signature), KEYS[alg])


@given(token=st.binary(max_size=200))
def test_any_bytes_are_refused_politely(token: bytes) -> None:
    assert refused(token, KEYS["HS256"])


@given(
    parts=st.lists(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40), max_size=4)
)
def test_any_parts_are_refused_politely(parts: list[bytes]) -> None:
    assert refused(b".".join(map(encode, parts)), KEYS["HS256"])


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk", "x"]), JSON | st.sampled_from(["HS256", "k1"])
)
PAYLOADS = st.dictionaries(st.sampled_from(["exp", "nbf", "iat", "aud", "iss", "sub", "jti", "x"]), JSON)


@settings(max_examples=50)
@given(header=HEADERS, payload=PAYLOADS)
def test_any_signed_json_is_taken_or_refused(header: dict[str, Any], payload: dict[str, Any]) -> None:
    full = {"alg": "HS256", "kid": "k1", **header}
    token = signed(key_for("HS256"), json.dumps(full).encode(), json.dumps(payload).encode())
    rules = ClaimRules(any_audience=True, leeway_s=60)
    try:
        verified = verify_token(token, KEYS["HS256"], rules, now=NOW)
    except TokenRefusedError:
        return

    assert verified.header["alg"] == "HS256"
    assert verified.deadline > NOW
    assert "crit" not in verified.header


@given(data=st.binary(max_size=100))
def test_base64url_goes_both_ways(data: bytes) -> None:
    assert decode(encode(data)) == data


@given(text=st.binary(max_size=12) | st.text("ABCabc019-_+/=. \n", max_size=12).map(str.encode))
def test_base64url_has_one_spelling(text: bytes) -> None:
    try:
        data = decode(text)
    except ValueError:
        return

    assert encode(data) == text


@given(value=JSON)
def test_json_is_read_as_everybody_reads_it(value: Any) -> None:
    document = json.dumps(value)
    try:
        ours = loads(document.encode())
    except ValueError:
        assert not_finite(value) or "\\ud" in document
        return

    assert ours == json.loads(document)


def not_finite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and any(map(not_finite, value))


@given(document=st.binary(max_size=60) | st.text('{}[]":,\\ue01-.aN', max_size=60).map(str.encode))
def test_any_document_is_read_as_everybody_reads_it_or_refused(document: bytes) -> None:
    try:
        ours = loads(document)
    except ValueError:
        return

    assert ours == json.loads(document.decode())


@given(depth=st.integers(1, 2 * MAX_DEPTH), opening=st.sampled_from(["[", '{"a":', '["[{\\"",', "[[],"]))
def test_depth_is_counted_as_it_is(depth: int, opening: str) -> None:
    closing = "}" if opening.startswith("{") else "]"
    document = (opening * depth + "1" + closing * depth).encode()
    deepest = depth + (opening == "[[],")
    try:
        loads(document)
    except ValueError:
        assert deepest > MAX_DEPTH
    else:
        assert deepest <= MAX_DEPTH


@given(data=st.data())
def test_a_damaged_key_is_refused_or_another_key(data: st.DataObject) -> None:
    jwk: dict[str, Any] = dict(
        data.draw(st.sampled_from([public(RSA_JWK), public(EC_JWK), public(ED25519_JWK)]))
    )
    name = data.draw(st.sampled_from(sorted(jwk)))
    jwk[name] = data.draw(JSON | st.text("ABCabc019-_", max_size=90))
    try:
        keys = parse_key_set(json.dumps({"keys": [jwk]}).encode())
    except InvalidKeyError:
        return

    (key,) = keys.keys
    for alg in key.algorithms:
        with pytest.raises(TokenRefusedError):
            verify_jws(TOKENS[alg][:-8] + b"AAAAAAAA", keys)
