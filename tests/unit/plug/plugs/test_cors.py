"""Browsers are told what the Fetch standard wants to hear, and caches are told to keep it apart."""

from __future__ import annotations

import pytest

from clearway.plug import Conn, Headers, PlugOptionError
from clearway.plug.plugs import Cors
from clearway.testing import conn

APP = "https://app.example.org"


def preflight(origin: str = APP, method: str = "PUT") -> Conn:
    return conn("OPTIONS", "/", headers={"origin": origin, "access-control-request-method": method})


def asked_by(origin: str | None) -> Conn:
    return conn("GET", "/", headers={} if origin is None else {"origin": origin})


def answered(plug: Cors, request: Conn, *headers: tuple[str, str]) -> Headers:
    """Return the response headers of a request that an upstream answers with `headers`."""
    return plug(request).put_resp_headers(Headers.of(*headers)).send_resp(200).resp_headers


def of_cors(headers: Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}


# Preflights


def test_a_preflight_is_answered_and_halted() -> None:
    plug = Cors(
        [APP], methods=["PUT", "DELETE"], headers=["X-A", "content-type"], expose=["x-e"], max_age_s=60
    )
    done = plug(preflight())

    assert (done.status, done.halted) == (204, True)
    assert of_cors(done.resp_headers) == {
        "access-control-allow-origin": APP,
        "access-control-allow-methods": "PUT, DELETE",
        "access-control-allow-headers": "x-a, content-type",
        "access-control-max-age": "60",
    }
    assert done.resp_headers.get("vary") == "origin"


def test_a_preflight_of_a_stranger_is_refused_and_told_nothing() -> None:
    done = Cors([APP])(preflight("https://evil.example"))

    assert (done.status, done.halted) == (403, True)
    assert of_cors(done.resp_headers) == {}
    assert done.resp_headers.get("vary") == "origin"


@pytest.mark.parametrize(
    "request_",
    [
        conn("OPTIONS", "/"),
        conn("OPTIONS", "/", headers={"origin": APP}),
        conn("OPTIONS", "/", headers={"access-control-request-method": "PUT"}),
        conn("GET", "/", headers={"origin": APP, "access-control-request-method": "PUT"}),
    ],
)
def test_what_is_no_preflight_passes(request_: Conn) -> None:
    assert not Cors([APP])(request_).halted


# Answers


def test_an_answer_names_the_origin_that_may_read_it() -> None:
    headers = answered(Cors([APP], expose=["X-Total", "etag"]), asked_by(APP))

    assert of_cors(headers) == {
        "access-control-allow-origin": APP,
        "access-control-expose-headers": "x-total, etag",
    }
    assert headers.get("vary") == "origin"


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "null", "http://app.example.org", APP + ":8443", ""]
)
def test_other_answers_name_none_but_vary_all_the_same(origin: str | None) -> None:
    headers = answered(Cors([APP]), asked_by(origin))

    assert of_cors(headers) == {}
    assert headers.get("vary") == "origin"


@pytest.mark.parametrize("origin", [APP, "null", "http://anybody.example"])
def test_any_origin_is_told_the_same_and_so_need_not_vary(origin: str) -> None:
    headers = answered(Cors("*"), asked_by(origin))

    assert of_cors(headers) == {"access-control-allow-origin": "*"}
    assert "vary" not in headers


def test_credentials_are_allowed_to_the_named_origin_alone() -> None:
    plug = Cors([APP], credentials=True)

    assert of_cors(answered(plug, asked_by(APP)))["access-control-allow-credentials"] == "true"
    assert of_cors(plug(preflight()).resp_headers)["access-control-allow-credentials"] == "true"
    assert of_cors(answered(plug, asked_by("https://evil.example"))) == {}


def test_what_the_upstream_says_about_cors_is_replaced() -> None:
    theirs = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-secret"),
    ]

    assert of_cors(answered(Cors([APP]), asked_by("https://evil.example"), *theirs)) == {}
    assert of_cors(answered(Cors([APP]), asked_by(APP), *theirs)) == {"access-control-allow-origin": APP}


@pytest.mark.parametrize(
    ("upstream", "expected"),
    [
        ("accept-encoding", ["accept-encoding", "origin"]),
        ("accept, Origin", ["accept, Origin"]),
        ("*", ["*"]),
    ],
)
def test_vary_is_added_to_and_not_repeated(upstream: str, expected: list[str]) -> None:
    assert answered(Cors([APP]), asked_by(APP), ("vary", upstream)).get_all("vary") == expected


# Origins


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example.org", True),
        ("https://a.b-c.example.org", True),
        ("https://example.org", False),
        ("https://.example.org", False),
        ("https://a..example.org", False),
        ("https://evilexample.org", False),
        ("https://a.example.org.evil.example", False),
        ("https://evil.example#.example.org", False),
        ("https://evil.example/.example.org", False),
        ("https://a.example.org:8443", False),
        ("http://a.example.org", False),
        ("https://aXexampleXorg", False),
        ("https://a.example.org\n", False),
    ],
)
def test_a_wildcard_takes_subdomains_and_nothing_else(origin: str, allowed: bool) -> None:
    assert Cors(["https://*.example.org"]).allows(origin) == allowed


def test_several_origins_of_both_kinds_may_be_named() -> None:
    plug = Cors(["http://localhost:3000", "https://*.a.example", "https://*.b.example:8443", "https://[::1]"])

    allowed = ["http://localhost:3000", "https://x.a.example", "https://x.b.example:8443", "https://[::1]"]
    assert all(plug.allows(origin) for origin in allowed)
    assert not plug.allows("https://x.b.example")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"origins": []}, "no origin"),
        ({"origins": "*", "credentials": True}, "credentials"),
        ({"origins": [APP, "*"], "credentials": True}, "credentials"),
        ({"origins": [APP], "headers": ["*"], "credentials": True}, "credentials"),
        ({"origins": [APP], "expose": ["*"], "credentials": True}, "credentials"),
        ({"origins": [APP], "methods": ["*"], "credentials": True}, "credentials"),
        ({"origins": ["app.example.org"]}, "not an origin"),
        ({"origins": [APP + "/"]}, "not an origin"),
        ({"origins": ["https://App.example.org"]}, "not an origin"),
        ({"origins": ["https://app.example.org:443"]}, "not an origin"),
        ({"origins": ["http://app.example.org:80"]}, "not an origin"),
        ({"origins": ["https://*"]}, "not an origin"),
        ({"origins": ["https://app.*.org"]}, "not an origin"),
        ({"origins": ["null"]}, "not an origin"),
        ({"origins": [7]}, "must hold texts"),
        ({"origins": [APP], "methods": ["A B"]}, "not a method"),
        ({"origins": [APP], "methods": "PUT"}, "list of texts"),
        ({"origins": [APP], "headers": ["a b"]}, "no header name"),
        ({"origins": [APP], "max_age_s": -1}, "max_age_s"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        Cors(**options)  # type: ignore[arg-type]
