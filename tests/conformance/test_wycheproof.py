"""Project Wycheproof's vectors for signatures and keys, read where they lie.

Set CLEARWAY_CORPORA to the folder that holds `jose/json_web_signature_test.json` and the like; without it,
a folder `shared/corpora` beside the repository is looked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clearway.plug.jose import JoseError, parse_key_set, verify_jws

CORPORA = Path(os.environ.get("CLEARWAY_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
FILES = ("json_web_signature_test", "json_web_key_test", "json_web_crypto_test")

# Vectors that are not for a verifier of signatures, by the vector's member.
ENCRYPTION = "jwe"

# Vectors whose verdict we do not share, and why: (file, id) to (our verdict, reason).
DISPUTED = {
    ("json_web_signature_test", 346): ("invalid", "the JWK says PS256 and the token PS384: alg binds"),
    ("json_web_signature_test", 350): ("invalid", "the JWK says PS256 and the token PS384: alg binds"),
    ("json_web_signature_test", 347): ("invalid", "the JWK says ES521, which RFC 7518 does not define"),
    ("json_web_signature_test", 351): ("invalid", "the JWK says ES521, which RFC 7518 does not define"),
    ("json_web_signature_test", 367): ("valid", "the token is the one of vector 357, which is valid"),
    ("json_web_signature_test", 370): ("valid", "the token is the one of vector 357, which is valid"),
    ("json_web_signature_test", 372): ("invalid", "a '?' in the header is not base64url"),
    ("json_web_signature_test", 373): ("invalid", "a '?' in the payload is not base64url"),
}

# What must be mended in a disputed vector so that its verdict is ours: the signature itself is good.
MENDED = {
    346: ("alg", "PS384"),
    350: ("alg", "PS384"),
    347: ("alg", "ES512"),
    351: ("alg", "ES512"),
}


class Vector(NamedTuple):
    """One test of a file, with the keys of its group."""

    file: str
    number: int
    comment: str
    keys: dict[str, Any]
    token: str
    verdict: str

    def __str__(self) -> str:
        return f"{self.file.split('_')[2]}-{self.number}-{self.comment}"


@cache
def corpus(file: str) -> dict[str, Any]:
    return json.loads((CORPORA / "jose" / f"{file}.json").read_text())


def entries(file: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in corpus(file)["testGroups"]:
        yield from ((group, test) for test in group["tests"])


def vectors() -> Iterator[Vector]:
    for file in FILES if (CORPORA / "jose").is_dir() else ():
        for group, test in entries(file):
            if ENCRYPTION in test:
                continue
            token = test["jws"] if isinstance(test["jws"], str) else json.dumps(test["jws"])
            keys = group.get("public", group.get("private"))
            yield Vector(file, test["tcId"], test["comment"], keys, token, test["result"])


VECTORS = list(vectors())
present = pytest.mark.skipif(not VECTORS, reason="no Wycheproof vectors; see CLEARWAY_CORPORA in this file")


def verdict(keys: dict[str, Any], token: str) -> str:
    try:
        verify_jws(token, parse_key_set(json.dumps(keys).encode()))
    except JoseError:
        return "invalid"
    return "valid"


@present
@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_the_verdict_is_wycheproofs(vector: Vector) -> None:
    expected, _why = DISPUTED.get((vector.file, vector.number), (vector.verdict, ""))

    assert verdict(vector.keys, vector.token) == expected


@present
def test_what_we_dispute_is_still_what_they_say() -> None:
    theirs = {(vector.file, vector.number): vector.verdict for vector in VECTORS}

    assert {name: theirs[name] for name in DISPUTED} == {
        name: "valid" if ours == "invalid" else "invalid" for name, (ours, _why) in DISPUTED.items()
    }


@present
@pytest.mark.parametrize("number", MENDED)
def test_a_disputed_signature_is_good_once_its_key_is_mended(number: int) -> None:
    name, value = MENDED[number]
    (vector,) = [each for each in VECTORS if (each.file, each.number) == ("json_web_signature_test", number)]

    assert verdict({**vector.keys, name: value}, vector.token) == "valid"


@present
@pytest.mark.parametrize("number", [372, 373])
def test_a_disputed_token_is_good_once_it_is_mended(number: int) -> None:
    (vector,) = [each for each in VECTORS if (each.file, each.number) == ("json_web_signature_test", number)]

    assert verdict(vector.keys, vector.token.replace("?", "")) == "valid"


@present
@pytest.mark.parametrize("number", [367, 370])
def test_a_disputed_token_is_the_same_as_a_valid_one(number: int) -> None:
    tokens = {each.number: each.token for each in VECTORS if each.file == "json_web_signature_test"}

    assert tokens[number] == tokens[357]


@present
def test_no_vector_is_left_out() -> None:
    left_out = sum(ENCRYPTION in test for file in FILES for _group, test in entries(file))
    promised = sum(corpus(file)["numberOfTests"] for file in FILES)

    assert (len(VECTORS) + left_out, left_out) == (promised, 34)
