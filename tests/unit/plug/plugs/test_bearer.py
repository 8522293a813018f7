"""A Bearer token is verified if it is there; nobody is turned away for want of one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from clearway.plug import Conn, PlugOptionError
from clearway.plug.jose import KeySet, sign
from clearway.plug.plugs.bearer import Bearer
from clearway.testing import body_of, conn
from tests.unit.plug.jose.keys import CASES, key_for
from tests.unit.plug.jose.tokens import token_of

NOW = 1_800_000_000
KEY = key_for("ES256")
RULES = {"issuer": "https://id.example", "audience": "orders"}
CLAIMS = {"iss": RULES["issuer"], "aud": "orders", "sub": "acme", "exp": NOW + 600, "scope": "read write"}
ABSENT = 'Bearer realm="clearway"'


class Keys:
    """A key source that a test changes."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys
        self.wanted: list[str] = []

    def current(self) -> KeySet:
        return self.keys

    def want(self, kid: str) -> None:
        self.wanted.append(kid)


class Clock:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


def source(*keys: Any, generation: int = 1) -> Keys:
    return Keys(KeySet([key.verify_only() for key in keys or (KEY,)], generation=generation))


def bearer(keys: Keys | None = None, **options: Any) -> Bearer:
    return Bearer(keys or source(), **{"clock": lambda: float(NOW), **RULES, **options})


def request(credentials: str | None = None, target: str = "/") -> Conn:
    headers = [] if credentials is None else [("authorization", credentials)]
    return conn("GET", target, headers=headers)


def token(key: Any = KEY, /, header: dict[str, Any] | None = None, **claims: Any) -> str:
    return sign({**CLAIMS, **claims}, key, header=header)


def challenge(passed: Conn) -> str:
    """Return the one challenge of a request that went on without a principal."""
    assert passed.principal is None
    assert passed.status is None
    assert not passed.halted
    (only,) = passed.private["challenges"]
    return only


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


@pytest.mark.parametrize(
    "credentials", [None, "Basic QTpC", "Bearerish a", "Digest bearer", "DPoP abc", ""]
)
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


# Keys


def test_before_the_first_keys_the_answer_is_to_try_again() -> None:
    answer = bearer(Keys(KeySet((), generation=0)))(request(f"Bearer {token()}"))

    assert (answer.status, answer.halted) == (503, True)
    assert answer.resp_headers.get("retry-after") == "1"
    assert challenge(bearer(Keys(KeySet((), generation=0)))(request())) == ABSENT


def test_an_unknown_kid_is_noted_and_not_waited_for() -> None:
    keys = source()
    passed = bearer(keys)(request(f"Bearer {token(key_for('ES256', 'k2'))}"))

    assert "not known here" in challenge(passed)
    assert keys.wanted == ["k2"]


def test_a_bad_token_under_a_known_kid_wants_no_keys() -> None:
    keys = source()
    bearer(keys)(request(f"Bearer {token()[:-4]}AAAA"))

    assert keys.wanted == []


def test_a_rotated_key_is_good_as_soon_as_it_has_come() -> None:
    keys, rotated = source(), key_for("ES384", "k2")
    plug = bearer(keys)
    assert plug(request(f"Bearer {token(rotated)}")).principal is None

    keys.keys = KeySet([rotated.verify_only()], generation=2)

    assert plug(request(f"Bearer {token(rotated)}")).principal is not None


# Memory


def test_a_token_is_checked_once() -> None:
    plug, good = bearer(), token()
    first, second = plug(request(f"Bearer {good}")), plug(request(f"Bearer {good}"))

    assert first.principal is second.principal
    assert plug.statistics() == (1, 0, 1)


def test_a_remembered_token_expires_on_time() -> None:
    clock = Clock()
    plug, good = bearer(clock=clock, leeway_s=5), token(exp=NOW + 10)
    assert plug(request(f"Bearer {good}")).principal is not None

    clock.now = NOW + 14.9
    assert plug(request(f"Bearer {good}")).principal is not None
    assert plug.statistics().verified == 1

    clock.now = NOW + 15
    assert "expired" in challenge(plug(request(f"Bearer {good}")))


def test_a_token_is_checked_again_after_a_while() -> None:
    clock = Clock()
    plug = bearer(clock=clock, cache_ttl_s=100)
    good = sign({"sub": "a", "aud": "orders", "iss": RULES["issuer"]}, KEY)
    for clock.now in (NOW, NOW + 99.9, NOW + 100):
        assert plug(request(f"Bearer {good}")).principal is not None

    assert plug.statistics().verified == 2


def test_a_withdrawn_key_ends_the_tokens_it_signed() -> None:
    keys = source()
    plug, good = bearer(keys), token()
    assert plug(request(f"Bearer {good}")).principal is not None

    keys.keys = KeySet([key_for("ES384", "k2").verify_only()], generation=2)

    assert "not known here" in challenge(plug(request(f"Bearer {good}")))
    assert plug.statistics() == (1, 1, 0)


def test_bad_tokens_are_not_remembered() -> None:
    plug = bearer()
    for number in range(100):
        plug(request(f"Bearer {token()}{number}"))

    assert plug.statistics() == (0, 100, 0)


def test_memory_has_a_bound() -> None:
    plug, key = bearer(source(key_for("HS256")), cache_size=10), key_for("HS256")
    for number in range(100):
        plug(request(f"Bearer {token(key, jti=str(number))}"))

    assert plug.statistics() == (100, 0, 10)


def test_memory_can_be_switched_off() -> None:
    plug, good = bearer(cache_size=0), token()
    for _ in range(3):
        assert plug(request(f"Bearer {good}")).principal is not None

    assert plug.statistics() == (3, 0, 0)


def test_a_remembered_token_is_not_remembered_for_another_spelling() -> None:
    plug, good = bearer(), token()
    plug(request(f"Bearer {good}"))

    for spelling in (f"Bearer {good}=", f"Bearer {good[:-1]}", f"Bearer {good}A"):
        assert plug(request(spelling)).principal is None


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
