"""What a token says is compared whole, with types, at a time that is given."""

from __future__ import annotations

import math
from typing import Any

import pytest

from clearway.plug.jose import ClaimRules, TokenRefusedError
from clearway.plug.jose.claims import MAX_DATE_S, NO_RULES

NOW = 1_800_000_000.0
OURS = ClaimRules(issuers=frozenset({"https://id.example"}), audiences=frozenset({"orders", "orders-v2"}))
CLAIMS = {"iss": "https://id.example", "aud": "orders", "sub": "acme", "exp": NOW + 60}


def refusal(rules: ClaimRules, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    with pytest.raises(TokenRefusedError) as caught:
        rules.check(header or {}, claims, NOW)
    return caught.value.reason


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def test_a_good_token_tells_its_deadline() -> None:
    assert OURS.check({}, CLAIMS, NOW) == NOW + 60
    assert OURS.check({}, without("exp"), NOW) == math.inf


# Times


@pytest.mark.parametrize(
    ("claims", "leeway_s", "why"),
    [
        ({"exp": NOW + 1}, 0, None),
        ({"exp": NOW + 0.5}, 0, None),
        ({"exp": NOW}, 0, "expired"),
        ({"exp": NOW - 1}, 0, "expired"),
        ({"exp": -1}, 0, "expired"),
        ({"exp": 0}, 0, "expired"),
        ({"exp": NOW - 59}, 60, None),
        ({"exp": NOW - 60}, 60, "expired"),
        ({"nbf": NOW}, 0, None),
        ({"nbf": NOW + 1}, 0, "not valid yet"),
        ({"nbf": NOW + 60}, 60, None),
        ({"nbf": NOW + 61}, 60, "not valid yet"),
        ({"iat": NOW}, 0, None),
        ({"iat": 0}, 0, None),
        ({"iat": NOW + 1}, 0, "future"),
        ({"iat": NOW + 60}, 60, None),
        ({"iat": NOW + 61}, 60, "future"),
        ({"nbf": NOW - 10, "iat": NOW - 20, "exp": NOW + 10}, 0, None),
    ],
)
def test_times_are_compared_with_now(claims: dict[str, Any], leeway_s: float, why: str | None) -> None:
    rules = ClaimRules(leeway_s=leeway_s)
    if why is None:
        assert rules.check({}, claims, NOW) > NOW
    else:
        assert why in refusal(rules, claims)


def test_the_deadline_includes_the_leeway() -> None:
    assert ClaimRules(leeway_s=30).check({}, {"exp": NOW}, NOW) == NOW + 30


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "1900000000",
        [],
        {},
        math.nan,
        math.inf,
        -math.inf,
        2 * MAX_DATE_S,
        -2 * MAX_DATE_S,
        10**400,
    ],
)
def test_a_date_is_a_finite_number(name: str, value: object) -> None:
    assert refusal(NO_RULES, {name: value}) == f"the claim {name} of the token is not a date in seconds"


# Issuer


def test_any_issuer_will_do_where_none_is_asked_for() -> None:
    assert NO_RULES.check({}, {"iss": "anybody"}, NOW) == math.inf


@pytest.mark.parametrize(
    "iss",
    [
        "https://id.example/",
        "https://id.example.evil",
        "https://id.exampl",
        "https://id",
        "HTTPS://ID.EXAMPLE",
        " https://id.example",
        "",
        "id.example",
    ],
)
def test_an_issuer_is_compared_whole(iss: str) -> None:
    assert refusal(OURS, {**CLAIMS, "iss": iss}) == "the token is from another issuer"


def test_a_missing_issuer_is_another_one() -> None:
    assert refusal(OURS, without("iss")) == "the token is from another issuer"


@pytest.mark.parametrize("iss", [["https://id.example"], {"https://id.example": 1}, 1, None, True])
def test_an_issuer_is_a_string(iss: object) -> None:
    assert refusal(OURS, {**CLAIMS, "iss": iss}) == "the claim iss of the token is not a string"


# Audience


@pytest.mark.parametrize(
    "aud", ["orders", "orders-v2", ["orders"], ["other", "orders"], ["orders", "orders"]]
)
def test_an_audience_names_us(aud: object) -> None:
    assert OURS.check({}, {**CLAIMS, "aud": aud}, NOW)


@pytest.mark.parametrize(
    "aud", ["order", "orders ", "orders-v", "ORDERS", "", "my-orders", [], ["other"], [""], ["o", "r"]]
)
def test_an_audience_is_never_a_substring(aud: object) -> None:
    assert refusal(OURS, {**CLAIMS, "aud": aud}) == "the token is for another audience"


@pytest.mark.parametrize("aud", [None, 1, True, {"orders": 1}, [1], ["orders", None], [["orders"]]])
@pytest.mark.parametrize("rules", [OURS, NO_RULES])
def test_an_audience_is_a_string_or_a_list_of_strings(rules: ClaimRules, aud: object) -> None:
    assert "aud" in refusal(rules, {**CLAIMS, "aud": aud})


def test_a_missing_audience_is_not_us() -> None:
    assert refusal(OURS, without("aud")) == "the token is for another audience"


def test_a_token_for_somebody_is_refused_where_we_have_no_name() -> None:
    assert "none is configured" in refusal(ClaimRules(), {"aud": "orders"})
    assert ClaimRules().check({}, {"sub": "acme"}, NOW) == math.inf


def test_any_audience_will_do_on_request() -> None:
    assert NO_RULES.check({}, {"aud": ["somebody"]}, NOW) == math.inf


# The rest


@pytest.mark.parametrize("name", ["sub", "jti"])
@pytest.mark.parametrize("value", [1, None, ["acme"], {}, True])
def test_registered_texts_are_strings(name: str, value: object) -> None:
    assert refusal(NO_RULES, {name: value}) == f"the claim {name} of the token is not a string"


@pytest.mark.parametrize(
    ("claims", "good"),
    [({"tenant": ""}, True), ({"tenant": 0}, True), ({"tenant": None}, False), ({}, False)],
)
def test_a_required_claim_is_present(claims: dict[str, Any], good: bool) -> None:
    rules = ClaimRules(required=("tenant",))
    if good:
        assert rules.check({}, claims, NOW)
    else:
        assert refusal(rules, claims) == "the token lacks the claim tenant"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat", "iss", "sub", "aud", "jti"])
def test_registered_claims_can_be_required(name: str) -> None:
    assert refusal(ClaimRules(required=(name,), any_audience=True), {}) == f"the token lacks the claim {name}"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"])
@pytest.mark.parametrize("wanted", ["at+jwt", "application/at+jwt"])
def test_a_typ_is_a_media_type(typ: str, wanted: str) -> None:
    assert ClaimRules(typ=wanted).check({"typ": typ}, {}, NOW)


@pytest.mark.parametrize(
    "header", [{}, {"typ": "JWT"}, {"typ": None}, {"typ": ["at+jwt"]}, {"typ": "text/at+jwt"}]
)
def test_another_typ_is_refused(header: dict[str, Any]) -> None:
    assert refusal(ClaimRules(typ="at+jwt"), {}, header) == "the token is of another type"


def test_a_typ_that_nobody_asks_for_is_not_looked_at() -> None:
    assert NO_RULES.check({"typ": "anything"}, {}, NOW)
