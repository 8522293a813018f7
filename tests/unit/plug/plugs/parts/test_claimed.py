"""Claims name a principal, or nobody."""

from __future__ import annotations

import pytest

from clearway.plug.jose import TokenRefusedError
from clearway.plug.plugs.parts.claimed import principal_of

SCOPES = ("scope", "scp")


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, set()),
        ({"scope": ""}, set()),
        ({"scope": "a"}, {"a"}),
        ({"scope": "a b  a "}, {"a", "b"}),
        ({"scope": ["a", "b c"]}, {"a", "b c"}),
        ({"scope": []}, set()),
        ({"scp": "a b"}, {"a", "b"}),
        ({"scp": ["a"]}, {"a"}),
        ({"scope": "a", "scp": "b"}, {"a"}),
        ({"scope": "", "scp": "b"}, set()),
        ({"scope": None, "scp": "b"}, {"b"}),
    ],
)
def test_scopes_are_words_or_a_list(claims: dict[str, object], scopes: set[str]) -> None:
    assert principal_of({"sub": "acme", **claims}, "sub", SCOPES).scopes == scopes


@pytest.mark.parametrize("value", [1, True, {"a": 1}, [1], ["a", None], [["a"]]])
def test_other_scopes_are_refused(value: object) -> None:
    with pytest.raises(TokenRefusedError, match="claim scope"):
        principal_of({"sub": "acme", "scope": value}, "sub", SCOPES)


@pytest.mark.parametrize("value", ["", None, 7, ["acme"], True])
def test_a_principal_has_a_name(value: object) -> None:
    with pytest.raises(TokenRefusedError, match="in client_id"):
        principal_of({"client_id": value}, "client_id", SCOPES)


def test_a_claim_can_be_the_name() -> None:
    assert principal_of({"sub": "x", "azp": "acme"}, "azp", SCOPES).name == "acme"


def test_claims_cannot_be_changed_by_whoever_gets_them() -> None:
    principal = principal_of({"sub": "acme", "realm": {"roles": ["user"]}, "aud": ["a"]}, "sub", SCOPES)

    with pytest.raises(TypeError):
        principal.claims["sub"] = "root"  # type: ignore[index]
    with pytest.raises(TypeError):
        principal.claims["realm"]["roles"] = ["admin"]
    assert principal.claims["realm"]["roles"] == ("user",)
    assert principal.claims["aud"] == ("a",)
