"""What a log line holds, and that it stays one line whatever a client sends."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn, PlugOptionError, Principal, Sent
from clearway.plug.plugs.parts.log_fields import DEFAULT_FIELDS, FIELDS, RecordFormat
from clearway.testing import conn

ENDED = Sent(1234, 0.0123456, "complete")


def logged(request: Conn, *fields: str) -> dict[str, object]:
    chosen = RecordFormat(fields or DEFAULT_FIELDS)
    line = chosen.line((1764000000.25, ENDED, chosen.capture(request)))
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    found: dict[str, object] = json.loads(line)
    return found


def a_request() -> Conn:
    headers = {"user-agent": "curl/8", "authorization": "Bearer secret", "cookie": "s=secret"}
    request = conn("GET", "/orders/7?token=secret", headers=headers, peer=("192.0.2.1", 1))
    known = request.put_principal(Principal("acme", scheme="bearer")).put_request_id("r-1")
    return known.put_route("/orders/:id", {}).put_resp_header("etag", '"1"').send_resp(200, b"x")


def test_the_default_fields_tell_the_story_and_no_secret() -> None:
    line = logged(a_request())

    assert list(line) == list(DEFAULT_FIELDS)
    assert line == {
        "time": "2025-11-24T16:00:00.250Z",
        "request_id": "r-1",
        "client_ip": "192.0.2.1",
        "principal": "acme",
        "method": "GET",
        "path": "/orders/7",
        "route": "/orders/:id",
        "status": 200,
        "outcome": "complete",
        "bytes_sent": 1234,
        "duration_ms": 12.346,
    }
    assert "secret" not in str(line)


def test_what_is_not_known_is_null() -> None:
    line = logged(
        conn("GET", "/", peer=None), "client_ip", "principal", "route", "status", "request_id", "header:x"
    )

    assert set(line.values()) == {None}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_asked_for_alone(field: str) -> None:
    assert list(logged(a_request(), field)) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("query", "token=secret"),
        ("header:User-Agent", "curl/8"),
        ("resp_header:etag", '"1"'),
        ("resp_header:server", None),
        ("host", "example.org"),
        ("scheme", "http"),
        ("http_version", "1.1"),
    ],
)
def test_more_is_logged_where_it_is_asked_for(field: str, value: str | None) -> None:
    assert logged(a_request(), field) == {field: value}


@pytest.mark.parametrize("hostile", ['"}\n{"status":200', "\r\n\x00\x1b[2J", "\u2028\u00e9", '\\"'])
def test_a_client_cannot_write_a_line_of_its_own(hostile: str) -> None:
    request = Conn("GET", hostile).put_request_id(hostile)

    assert logged(request, "path", "request_id") == {"path": hostile, "request_id": hostile}


def test_bytes_that_are_not_text_are_shown_escaped() -> None:
    request = conn("GET", "/", headers={"user-agent": "\u00ff\u00fe"})

    assert logged(request, "header:user-agent") == {"header:user-agent": "\\xff\\xfe"}


def test_no_body_is_kept_alive() -> None:
    chosen = RecordFormat(FIELDS)

    assert b"a large body" not in chosen.capture(conn("GET", "/").send_resp(200, b"a large body"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([], "empty"),
        (["colour"], "not known"),
        (["header:"], "no header name"),
        (["header:Authorization"], "secret"),
        (["header:cookie"], "secret"),
        (["header:proxy-authorization"], "secret"),
        (["resp_header:Set-Cookie"], "secret"),
        ("time", "list of texts"),
    ],
)
def test_wrong_fields_are_refused(fields: list[str], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        RecordFormat(fields)
