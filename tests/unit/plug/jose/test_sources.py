"""Keys that are read once come from a variable or a file, and errors name the place, never the content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from clearway.plug.jose import InvalidKeyError, Key, KeySet, StaticKeys
from tests.unit.plug.jose.keys import EC_JWK, HMAC_JWK, RSA_JWK, SECRET, key_for, public

PEM = key_for("ES256").public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE_PEM = (
    key_for("ES256").private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
)
JWKS = json.dumps({"keys": [{**public(RSA_JWK), "kid": "a"}, {**public(EC_JWK), "kid": "b"}]})


def from_env(value: str, **options) -> tuple[Key, ...]:
    return StaticKeys.from_env("KEY", environ={"KEY": value}, **options).current().keys


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (SECRET.decode(), ["oct"]),
        (PEM, ["EC"]),
        ("\n" + PEM, ["EC"]),
        (PEM.replace("\n", "\\n"), ["EC"]),
        (PRIVATE_PEM, ["EC"]),
        (JWKS, ["RSA", "EC"]),
        (json.dumps(HMAC_JWK), ["oct"]),
    ],
)
def test_a_variable_holds_a_secret_a_pem_key_or_a_key_set(value: str, kinds: list[str]) -> None:
    assert [key.kty for key in from_env(value)] == kinds


def test_a_secret_keeps_its_spaces() -> None:
    assert from_env(f" {SECRET.decode()} ")[0].public == b" " + SECRET + b" "


def test_options_reach_the_key() -> None:
    assert from_env(SECRET.decode(), kid="k1", algorithms=["HS512"]) == (key_for("HS512", "k1"),)
    assert from_env(PEM, kid="k1") == (key_for("ES256", "k1"),)
    assert [key.kid for key in from_env(JWKS, algorithms=["ES256"])] == ["b"]


@pytest.mark.parametrize("value", [PRIVATE_PEM, json.dumps(EC_JWK)])
def test_a_source_does_not_keep_private_halves(value: str) -> None:
    assert not from_env(value)[0].can_sign()


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, "KEY is not set"),
        ({"KEY": ""}, "KEY is not set"),
        ({"KEY": "hunter2"}, "variable KEY: HS256 needs 32 bytes"),
        ({"KEY": "{hunter2"}, "variable KEY: the key set is refused"),
        ({"KEY": "-----BEGIN PUBLIC KEY-----hunter2"}, "variable KEY: the PEM block"),
    ],
)
def test_an_error_names_the_variable_and_not_its_content(environ: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidKeyError, match=why) as caught:
        StaticKeys.from_env("KEY", environ=environ)

    assert "hunter2" not in str(caught.value)


def test_a_pem_file_holds_one_key(tmp_path: Path) -> None:
    path = tmp_path / "issuer.pem"
    path.write_text(PRIVATE_PEM)

    (key,) = StaticKeys.from_pem(path, kid="k1", algorithms=["ES256"]).current().keys

    assert key == key_for("ES256")
    assert not key.can_sign()


def test_a_jwks_file_holds_a_set(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(JWKS)

    assert len(StaticKeys.from_jwks(str(path)).current()) == 2


@pytest.mark.parametrize("read", [StaticKeys.from_pem, StaticKeys.from_jwks])
@pytest.mark.parametrize("content", [None, "", "hunter2"])
def test_an_error_names_the_file_and_not_its_content(tmp_path: Path, read, content: str | None) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_text(content)

    with pytest.raises(InvalidKeyError, match=str(path)) as caught:
        read(path)

    assert "hunter2" not in str(caught.value)


def test_wanting_a_key_changes_nothing() -> None:
    source = StaticKeys(KeySet([key_for("ES256")]))
    before = source.current()

    source.want("k2")

    assert source.current() is before
    assert repr(source) == "<StaticKeys <KeySet 1: 1 keys (k1), 0 skipped>>"
