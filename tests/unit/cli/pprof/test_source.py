"""What is asked of a service, and with which headers."""

from __future__ import annotations

import pytest

from clearway.cli.pprof.source import is_url, refused, request_of, shown

HEAP = "http://127.0.0.1:6060/debug/pprof/heap"


@pytest.mark.parametrize(
    ("source", "expected"),
    [(HEAP, True), ("https://a/b", True), ("heap.pb.gz", False), ("file:///etc/passwd", False)],
)
def test_only_http_is_asked(source: str, expected: bool) -> None:
    assert is_url(source) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (HEAP, f"{HEAP}?seconds=5"),
        (f"{HEAP}?gc=1&seconds=30", f"{HEAP}?gc=1&seconds=5"),
        (f"{HEAP}?debug=#part", f"{HEAP}?debug=&seconds=5"),
    ],
)
def test_seconds_go_into_the_query(url: str, expected: str) -> None:
    assert request_of(url, 5.0, ())[0] == expected


def test_a_query_without_seconds_stays_as_it_is() -> None:
    assert request_of(f"{HEAP}?a=%20+b", None, ())[0] == f"{HEAP}?a=%20+b"


def test_name_and_password_become_a_header() -> None:
    url, headers = request_of("http://acme:p%40ss%3A@[::1]:6060/x", None, ())

    assert url == "http://[::1]:6060/x"
    assert headers["Authorization"] == "Basic YWNtZTpwQHNzOg=="


def test_a_header_of_ones_own_wins() -> None:
    _, headers = request_of("http://a:b@host/", None, [("Authorization", "Bearer t"), ("X-A", "1")])

    assert headers == {"User-Agent": "clearway", "Authorization": "Bearer t", "X-A": "1"}


def test_a_message_shows_no_password() -> None:
    assert shown("https://acme:secret@host/heap?debug=1") == "https://host/heap?debug=1"
    assert shown("a:b@c.pb.gz") == "a:b@c.pb.gz"


@pytest.mark.parametrize(
    ("status", "body", "text", "hint"),
    [
        (
            404,
            b"no profile 'hep'\nmore",
            "HOST answers 404: no profile 'hep'",
            "a service lists its profiles",
        ),
        (
            401,
            b"",
            "HOST answers 401",
            "give a name and a password as in http://NAME:PASSWORD@HOST/..., or --header",
        ),
        (409, b"in use", "HOST answers 409: in use", "wait until the other profile has ended"),
        (302, b"\x1b[2J", "HOST answers 302", ""),
        (500, b"\xff", "HOST answers 500: \ufffd", ""),
    ],
)
def test_a_refusal_says_what_the_service_said(status: int, body: bytes, text: str, hint: str) -> None:
    error = refused("HOST", status, body)

    assert str(error) == text
    assert error.hint.startswith(hint)
