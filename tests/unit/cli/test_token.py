"""`clearway token` prints a token that our verifier takes, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from clearway.clock import wall
from clearway.plug.jose import ClaimRules, KeySet, parse_pem, parse_secret, verify_token
from clearway.plug.jose.key import Key
from tests.unit.cli.shell import Done, shell

SECRET = "a-secret-of-more-than-thirty-two-bytes"
ENV = {"JWT_SECRET": SECRET}
TAKES_ALL = ClaimRules(any_audience=True)


def claims(token: str, key: Key | None = None) -> Any:
    keys = KeySet([key or parse_secret(SECRET.encode())])
    return dict(verify_token(token.strip().encode(), keys, TAKES_ALL, now=wall()).claims)


def minted(*args: str) -> Any:
    done = shell("token", "--secret-env", "JWT_SECRET", *args, env=ENV)
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    return claims(done.out)


def test_a_token_expires_after_an_hour() -> None:
    found = minted()

    assert found["exp"] - found["iat"] == 3600
    assert abs(found["iat"] - wall()) < 60
    assert set(found) == {"iat", "exp"}


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604800)])
def test_how_long_it_is_good_can_be_chosen(text: str, seconds: int) -> None:
    found = minted("--expires", text)

    assert found["exp"] - found["iat"] == seconds


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--sub", "acme"], {"sub": "acme"}),
        (["--scope", "orders:read orders:write"], {"scope": "orders:read orders:write"}),
        (["--iss", "https://id.example"], {"iss": "https://id.example"}),
        (["--aud", "orders"], {"aud": "orders"}),
        (["--aud", "orders", "--aud", "users"], {"aud": ["orders", "users"]}),
        (["--claim", "tier=gold"], {"tier": "gold"}),
        (["--claim", "admin=true", "--claim", "n=5"], {"admin": True, "n": 5}),
        (["--claim", 'org={"id":"a=b"}'], {"org": {"id": "a=b"}}),
        (["--claim", "empty="], {"empty": ""}),
    ],
)
def test_a_claim_is_what_was_said(args: list[str], expected: dict[str, Any]) -> None:
    found = minted(*args)

    assert {name: found[name] for name in expected} == expected


def test_a_key_file_signs(tmp_path: Path) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    done = shell("token", "--key-file", str(tmp_path / "key.pem"), "--kid", "k1", "--sub", "acme")
    assert claims(done.out, parse_pem(public, kid="k1"))["sub"] == "acme"


def test_the_algorithm_can_be_chosen() -> None:
    done = shell("token", "--secret", SECRET * 2, "--alg", "HS512")

    assert claims(done.out, parse_secret(SECRET.encode() * 2, algorithms=["HS512"]))


@pytest.mark.parametrize(
    ("args", "code", "error"),
    [
        ([], 2, "give one of --secret-env, --secret and --key-file"),
        (["--secret", "a", "--key-file", "b"], 2, "give one of --secret-env, --secret and --key-file"),
        (["--secret-env", "NONE"], 1, "the environment variable NONE is not set"),
        (["--secret", "short"], 1, "HS256 needs 32 bytes of secret or more; this one has 5"),
        (["--key-file", "/nowhere/key"], 1, "/nowhere/key cannot be read: No such file or directory"),
        (
            ["--expires", "1y"],
            2,
            "invalid value for '--expires': '1y' is not a duration: write 90s, 15m, 1h or 7d",
        ),
        (["--claim", "admin"], 2, "invalid value for '--claim': 'admin' is not NAME=VALUE"),
    ],
)
def test_a_mistake_is_told(args: list[str], code: int, error: str) -> None:
    done = shell("token", *args)

    assert (done.code, done.out, done.err.partition("\n")[0]) == (code, "", f"error: {error}")


def test_a_secret_is_not_repeated_in_an_error() -> None:
    done = shell("token", "--secret", "geheim")

    assert done == Done(1, "", done.err)
    assert "geheim" not in done.err
