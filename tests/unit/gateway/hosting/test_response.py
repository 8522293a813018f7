"""What an app says of its response: checked once, known again, and never remembered without a bound."""

from __future__ import annotations

import pytest

from clearway.gateway.hosting import response
from clearway.gateway.hosting.errors import AppError
from clearway.gateway.hosting.response import read_start
from clearway.plug import Headers

LINES = [(b"Content-Type", b"text/plain"), (b"content-length", b" 5 ")]


def test_lines_become_headers_and_a_length() -> None:
    expected = Headers(((b"content-type", b"text/plain"), (b"content-length", b"5"))), 5

    assert read_start(LINES) == expected
    assert read_start(iter(LINES)) == expected
    assert read_start([list(line) for line in LINES]) == expected


def test_a_head_that_was_read_is_known_again() -> None:
    first, _ = read_start(LINES)
    again, _ = read_start(list(LINES))

    assert again is first


def test_a_head_that_nobody_can_look_up_is_read_each_time() -> None:
    lines = [(b"x-a", bytearray(b"1"))]

    assert read_start(lines)[0] == read_start(lines)[0] == Headers(((b"x-a", b"1"),))


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([], None),
        ([(b"transfer-encoding", b"chunked"), (b"content-length", b"5")], None),
        ([(b"content-length", b"0")], 0),
    ],
)
def test_a_length_is_what_the_app_announces(lines: list[tuple[bytes, bytes]], length: int | None) -> None:
    assert read_start(lines)[1] == length


@pytest.mark.parametrize(
    "line", [(b"a b", b"1"), (b"a", b"1\n"), (b"", b"1"), ("a", "b"), (b"a",), b"ab", None]
)
def test_a_line_that_would_split_the_message_is_refused_each_time(line: object) -> None:
    for _ in range(2):
        with pytest.raises(AppError):
            read_start([line])


def test_what_is_remembered_has_a_bound() -> None:
    for number in range(3000):
        read_start([(b"x-number", b"%d" % number)])
    read_start([(b"x-large", b"x" * 5000)])

    assert len(response._heads) <= 1024
    assert len(response._good) <= 1024
    assert (b"x-large", b"x" * 5000) not in response._good
