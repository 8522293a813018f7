"""A request's head is read as it is, or refused."""

from __future__ import annotations

import pytest

from clearway.pprof.web import Answer
from clearway.pprof.web.answer import refusal
from clearway.pprof.web.request import Head, read_head, response


def test_a_request_is_read() -> None:
    head = read_head(
        b"GET /debug/pprof/heap?gc=1&debug=1 HTTP/1.1\r\nHost: localhost:6060\r\nX-A:  b \r\nX-E:"
    )

    assert head == Head(
        "GET", "/debug/pprof/heap", "gc=1&debug=1", {"host": "localhost:6060", "x-a": "b", "x-e": ""}, 0
    )


def test_a_body_has_a_length() -> None:
    head = read_head(b"POST /debug/pprof/symbol HTTP/1.1\r\nContent-Length: 12")

    assert isinstance(head, Head)
    assert head.length == 12


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400), (b"GET", 400), (b"GET / HTTP/2.0", 400), (b"get / HTTP/1.1", 400),
        (b"GET /a b HTTP/1.1", 400), (b"GET http://x/ HTTP/1.1", 400), (b"GET /#a HTTP/1.1", 400),
        (b"\x16\x03\x01\x02", 400), (b"GET / HTTP/1.1\r\nHost : x", 400), (b"GET / HTTP/1.1\r\n a: x", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400), (b"GET / HTTP/1.1\r\nHost: a\nX: b", 400),
        (b"GET / HTTP/1.1\r\nAuthorization: a\r\nauthorization: b", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x", 400), (b"POST / HTTP/1.1\r\nContent-Length: -1", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 65537", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked", 411),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(data: bytes, status: int) -> None:
    answer = read_head(data)

    assert isinstance(answer, Answer)
    assert answer.status == status


def test_a_response_is_written_with_its_length() -> None:
    head, _, body = response(refusal(409, "busy")).partition(b"\r\n\r\n")

    assert head.split(b"\r\n") == [
        b"HTTP/1.1 409 Conflict",
        b"content-type: text/plain; charset=utf-8",
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
        b"x-go-pprof: 1",
        b"content-length: 5",
        b"connection: close",
    ]
    assert body == b"busy\n"


def test_a_response_to_head_has_no_body_and_promises_none() -> None:
    sent = response(Answer(200, b""), without_body=True)

    assert sent.endswith(b"connection: close\r\n\r\n")
    assert b"content-length" not in sent
