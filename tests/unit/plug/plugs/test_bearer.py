"""A Bearer token is verified if it is there; nobody is turned away for want of one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from clearway.plug import Conn, Pipeline, PlugOptionError
from clearway.plug.plugs.require_auth import RequireAuth
from clearway.testing import body_of, conn
from tests.unit.plug.jose.keys import CASES, key_for
from tests.unit.plug.jose.tokens import token_of
from tests.unit.plug.plugs.bearers import ABSENT, CLAIMS, NOW, bearer, challenge, request, source, token

# Good tokens


@pytest.mark.parametrize("alg", CASES)
def test_a_good_token_says_who_is_asking(alg: str) -> None:
    key = key_for(alg)
    principal = bearer(source(key))(request(f"Bearer {token(key)}")).principal

    assert principal is not None
    assert (principal.name, principal.scheme) == ("acme", "bearer")
    assert principal.scopes == {"read", "write"}
    assert dict(principal.claims) == CLAIMS


def test_a_good_token_leaves_no_challenge() -> None:
    passed = bearer()(request(f"Bearer {token()}"))

    assert "challenges" not in passed.private
    assert (passed.status, passed.halted) == (None, False)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "])
def test_the_scheme_is_case_insensitive(scheme: str) -> None:
    assert bearer()(request(scheme + token())).principal is not None


def test_name_and_scopes_can_come_from_other_claims() -> None:
    plug = bearer(principal_claim="client_id", scope_claim="permissions")
    principal = plug(request(f"Bearer {token(client_id='app', permissions=['x'])}")).principal

    assert principal is not None
    assert (principal.name, principal.scopes) == ("app", {"x"})


@pytest.mark.parametrize(
    ("options", "claims"),
    [
        ({"issuer": ["https://id.example", "https://old.example"]}, {"iss": "https://old.example"}),
        ({"issuer": None}, {"iss": "https://any.example"}),
        ({"audience": ["orders", "billing"]}, {"aud": ["billing", "x"]}),
        ({"audience": None, "any_audience": True}, {"aud": "somebody"}),
        ({"leeway_s": 60}, {"exp": NOW - 59}),
        ({"leeway_s": 60}, {"nbf": NOW + 60}),
        ({"required": ["tenant"]}, {"tenant": "t1"}),
        ({"algorithms": ["ES256", "RS256"]}, {}),
    ],
)
def test_options_widen_what_is_good(options: dict[str, Any], claims: dict[str, Any]) -> None:
    assert bearer(**options)(request(f"Bearer {token(**claims)}")).principal is not None


# No token


@pytest.mark.parametrize("credentials", [None, "Basic QTpC", "Bearerish a", "Digest bearer", "DPoP abc", ""])
def test_without_a_token_the_challenge_has_no_error_code(credentials: str | None) -> None:
    assert challenge(bearer()(request(credentials))) == ABSENT


def test_a_token_in_the_query_is_not_looked_at() -> None:
    assert challenge(bearer()(request(target=f"/?access_token={token()}"))) == ABSENT


def test_a_challenge_joins_those_before_it() -> None:
    passed = bearer()(request().put_private("challenges", ('Basic realm="x"',)))

    assert passed.private["challenges"] == ('Basic realm="x"', ABSENT)


def test_whoever_is_known_needs_no_challenge() -> None:
    known = bearer()(request(f"Bearer {token()}")).delete_req_header("authorization")

    assert bearer()(known) is known


def test_the_realm_is_quoted() -> None:
    assert challenge(bearer(realm='a "b" \\c')(request())) == 'Bearer realm="a \\"b\\" \\\\c"'


def test_require_auth_sends_what_was_recorded() -> None:
    answer = Pipeline(bearer(), RequireAuth())(request("Bearer abc"))

    assert isinstance(answer, Conn)
    assert (answer.status, answer.halted) == (401, True)
    assert answer.resp_headers.get_all("www-authenticate") == [
        f'{ABSENT}, error="invalid_token", error_description="the token does not have three parts"'
    ]


# Bad tokens


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": NOW}, "the token has expired"),
        ({"exp": "soon"}, "the claim exp of the token is not a date in seconds"),
        ({"nbf": NOW + 1}, "the token is not valid yet"),
        ({"iat": NOW + 1}, "the token was issued in the future"),
        ({"iss": "https://id.example.evil"}, "the token is from another issuer"),
        ({"aud": "order"}, "the token is for another audience"),
        ({"aud": None}, "the claim aud of the token is no string and no list of strings"),
        ({"sub": ""}, "the token does not name a principal in sub"),
        ({"sub": 7}, "the claim sub of the token is not a string"),
        ({"scope": 7}, "the claim scope of the token is no string and no list of strings"),
        ({"tenant": None}, "the token lacks the claim tenant"),
    ],
)
def test_a_bad_claim_is_an_invalid_token(claims: dict[str, Any], why: str) -> None:
    credentials = f"Bearer {token(**{'tenant': 't1', **claims})}"

    assert challenge(bearer(required=["tenant"])(request(credentials))) == (
        f'{ABSENT}, error="invalid_token", error_description="{why}"'
    )


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("abc", id="one part"),
        pytest.param("a.b.c", id="three parts of nothing"),
        pytest.param(token()[:-4] + "AAAA", id="wrong signature"),
        pytest.param(token() + "=", id="padding"),
        pytest.param(token().replace(".", "..", 1), id="four parts"),
        pytest.param(token_of({"alg": "none"}, b"{}", b""), id="alg none"),
        pytest.param(token(key_for("HS256")), id="another algorithm"),
        pytest.param(token(header={"crit": ["x"], "x": 1}), id="unknown extension"),
        pytest.param("a" * 16_385, id="too long"),
    ],
)
def test_a_broken_token_is_an_invalid_token(bad: str) -> None:
    assert challenge(bearer()(request(f"Bearer {bad}"))).startswith(f'{ABSENT}, error="invalid_token"')


def test_a_typ_can_be_asked_for() -> None:
    plug = bearer(typ="at+jwt")

    assert plug(request(f"Bearer {token(header={'typ': 'at+jwt'})}")).principal is not None
    assert "another type" in challenge(plug(request(f"Bearer {token()}")))


def test_algorithms_can_be_narrowed() -> None:
    assert "not allowed" in challenge(bearer(algorithms=["RS256"])(request(f"Bearer {token()}")))


def test_an_error_description_can_stand_in_a_quoted_string() -> None:
    hostile = token_of({"alg": 'x"\\\r\n', "kid": 'k"\\\r\n'}, b"{}", b"")

    description = challenge(bearer()(request(f"Bearer {hostile}"))).split(", ")[-1]

    assert re.fullmatch(r'error_description="[\x20\x21\x23-\x5b\x5d-\x7e]*"', description)


# Malformed requests


@pytest.mark.parametrize(
    "credentials",
    [
        "Bearer",
        "Bearer  ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer a, Basic QTpC",
        "Bearer\ta",
        "Bearer ä",
        "Bearer =",
        "Bearer a=b",
        'Bearer "a"',
        "bearer,a",
    ],
)
def test_a_malformed_header_is_a_bad_request(credentials: str) -> None:
    answer = bearer()(request(credentials))

    assert (answer.status, answer.halted, answer.principal) == (400, True, None)
    assert answer.resp_headers.get("www-authenticate", "").startswith(f'{ABSENT}, error="invalid_request"')
    assert json.loads(body_of(answer))["status"] == 400


@pytest.mark.parametrize(
    "lines",
    [
        [f"Bearer {token()}", f"Bearer {token()}"],
        [f"Bearer {token()}", "Basic QTpC"],
        ["Basic QTpC", f"Bearer {token()}"],
        ["Basic QTpC", "Basic QTpC"],
    ],
)
def test_two_authorization_lines_are_a_bad_request(lines: list[str]) -> None:
    answer = bearer()(conn("GET", "/", headers=[("authorization", line) for line in lines]))

    assert (answer.status, answer.halted, answer.principal) == (400, True, None)
    assert 'error="invalid_request"' in (answer.resp_headers.get("www-authenticate") or "")


# Options and state


@pytest.mark.parametrize(
    "options",
    [
        {"leeway_s": 61},
        {"leeway_s": -1},
        {"leeway_s": True},
        {"leeway_s": float("nan")},
        {"leeway_s": "5"},
        {"issuer": ""},
        {"issuer": []},
        {"issuer": 7},
        {"audience": ""},
        {"audience": ["orders", ""]},
        {"any_audience": True},
        {"algorithms": []},
        {"algorithms": "RS256"},
        {"algorithms": ["none"]},
        {"algorithms": ["RS256", "rs512"]},
        {"required": "sub"},
        {"required": ['a"b']},
        {"required": [""]},
        {"required": [7]},
        {"principal_claim": "a\\b"},
        {"principal_claim": ""},
        {"scope_claim": "ä"},
        {"realm": "a\r\nb"},
        {"realm": "ä"},
        {"cache_size": -1},
        {"cache_size": 1.5},
        {"cache_ttl_s": 0},
        {"max_token_bytes": 0},
    ],
)
def test_a_wrong_option_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(PlugOptionError):
        bearer(**options)


def test_it_tells_its_state_without_secrets() -> None:
    plug = bearer()
    plug(request(f"Bearer {token()}"))

    assert "1 tokens remembered, 0 refused" in repr(plug)
    assert token() not in repr(vars(plug))
