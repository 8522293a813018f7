"""Error answers follow RFC 9457 and name the request."""

from __future__ import annotations

import json

import pytest

from clearway.plug import problem
from clearway.plug.problem import problem_body
from clearway.testing import body_of, conn


def test_a_problem_says_what_went_wrong_and_which_request_it_was() -> None:
    answer = problem(conn("GET", "/x").put_request_id("r1"), 403, "not yours", balance=30)

    assert answer.status == 403
    assert answer.resp_headers.get("content-type") == "application/problem+json"
    assert json.loads(body_of(answer)) == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "not yours",
        "request_id": "r1",
        "balance": 30,
    }


def test_a_problem_sends_and_does_not_halt() -> None:
    assert not problem(conn("GET", "/x"), 404).halted


@pytest.mark.parametrize(("status", "title"), [(404, "Not Found"), (418, "I'm a Teapot"), (799, "Error")])
def test_what_is_not_known_is_left_out(status: int, title: str) -> None:
    assert json.loads(problem_body(status)) == {"type": "about:blank", "title": title, "status": status}
