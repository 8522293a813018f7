"""What an adapter makes of an error: the status and text it may tell, on the newest conn, with its hooks."""

from __future__ import annotations

import json
import logging

import pytest

from clearway.errors import ClearwayError
from clearway.plug import AlreadySentError, Conn, Headers, NotSentError, RequestError
from clearway.plug.errors import ClientClosedError, remember_conn
from clearway.plug.failure import failure_answer, is_fault_of_ours, outcome_of
from clearway.testing import body_of, conn


class TeapotError(ClearwayError):
    """An error that chooses its status and the word for logs."""

    status = 418
    outcome = "short_and_stout"


class ForeignError(Exception):
    """An error of another library, which happens to have a status."""

    status = 200


FIRST = conn("GET", "/x")


@pytest.mark.parametrize(
    ("error", "status", "told", "outcome"),
    [
        (RequestError(413, "too much"), 413, True, "body_too_large"),
        (RequestError(408, "too slow"), 408, True, "client_timeout"),
        (RequestError(400, "odd"), 400, True, "bad_request"),
        (TeapotError("stout"), 418, True, "short_and_stout"),
        (ClientClosedError("gone"), 499, True, "client_closed"),
        (NotSentError("forgot"), 500, False, "error"),
        (ClearwayError("ours"), 500, False, "error"),
        (ForeignError("password=hunter2"), 500, False, "error"),
        (ZeroDivisionError("division by zero"), 500, False, "error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_an_error_becomes_a_problem_and_a_word(
    error: Exception, status: int, told: bool, outcome: str
) -> None:
    answer = failure_answer(error, FIRST)

    told_text = json.loads(body_of(answer))["detail"]
    assert (answer.status, told_text == str(error)) == (status, told)
    assert str(error) in told_text or not told
    assert is_fault_of_ours(error) == (not told)
    assert outcome_of(error) == outcome


def test_the_hooks_and_headers_of_the_newest_conn_are_used() -> None:
    error = RequestError(400, "odd")
    newest = FIRST.put_request_id("r1", resp_headers=Headers.of(("x-id", "r1"))).register_before_send(
        lambda c: c.put_resp_header("x-hook", str(c.status))
    )
    remember_conn(error, newest)

    answer = failure_answer(error, FIRST)

    assert answer.resp_headers.get("x-id") == "r1"
    assert answer.resp_headers.get("x-hook") == "400"
    assert json.loads(body_of(answer))["request_id"] == "r1"


def test_a_response_that_was_decided_before_the_error_does_not_leave() -> None:
    error = AlreadySentError("a login stood behind the answer")
    decided = FIRST.put_request_id("r1").put_resp_header("etag", "1").send_resp(200, b"for members only")
    remember_conn(error, decided)

    answer = failure_answer(error, FIRST)

    assert answer.status == 500
    assert "etag" not in answer.resp_headers
    assert json.loads(body_of(answer))["request_id"] == "r1"


def test_a_hook_that_fails_too_is_logged_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    def broken(c: Conn) -> Conn:
        raise LookupError("hook")

    newest = FIRST.put_request_id("r1").register_before_send(broken)

    with caplog.at_level(logging.ERROR, "clearway.plug"):
        answer = failure_answer(RequestError(400, "odd"), newest)

    assert answer.status == 400
    assert json.loads(body_of(answer))["request_id"] == "r1"
    assert "before_send" in caplog.text


def test_one_error_raised_for_two_requests_answers_each_with_its_own_conn() -> None:
    shared = RequestError(502, "the key server is down")
    answers = []
    for name in ("a", "b"):
        request = FIRST.put_request_id(name)
        remember_conn(shared, request)
        answers.append(failure_answer(shared, FIRST))

    assert [answer.request_id for answer in answers] == ["a", "b"]
