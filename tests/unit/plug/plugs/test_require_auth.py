"""Nobody passes without verified credentials, and who is refused learns what to send."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn, Pipeline, PlugContractError, Principal
from clearway.plug.plugs import RequireAuth
from clearway.plug.plugs.parts.challenges import add_challenge
from clearway.testing import body_of, conn

BASIC = 'Basic realm="clearway", charset="UTF-8"'
BEARER = 'Bearer realm="clearway"'


def challenged() -> Conn:
    return add_challenge(add_challenge(conn("GET", "/"), BASIC), BEARER)


def test_a_principal_passes_untouched() -> None:
    known = conn("GET", "/").put_principal(Principal("acme", scheme="basic"))

    assert RequireAuth()(known) is known


def test_a_stranger_is_told_every_challenge_on_a_line_of_its_own() -> None:
    done = RequireAuth()(challenged())

    assert done.status == 401
    assert done.halted
    assert done.resp_headers.get_all("www-authenticate") == [BASIC, BEARER]


def test_the_refusal_is_a_problem_that_no_cache_keeps() -> None:
    done = RequireAuth()(challenged().put_request_id("r-1"))

    assert done.resp_headers.get("cache-control") == "no-store"
    assert done.resp_headers.get("content-type") == "application/problem+json"
    assert json.loads(body_of(done)) == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "this needs valid credentials",
        "request_id": "r-1",
    }


def test_before_send_hooks_run_on_the_refusal() -> None:
    hooked = challenged().register_before_send(lambda each: each.put_resp_header("x-seen", "yes"))

    assert RequireAuth()(hooked).resp_headers.get("x-seen") == "yes"


def test_later_plugs_are_skipped() -> None:
    app = Pipeline(lambda each: add_challenge(each, BASIC), RequireAuth(), lambda each: each.send_resp(200))

    assert app(conn("GET", "/")).status == 401


def test_a_401_without_a_challenge_is_a_mistake_of_the_pipeline() -> None:
    with pytest.raises(PlugContractError, match="verifies"):
        RequireAuth()(conn("GET", "/"))
