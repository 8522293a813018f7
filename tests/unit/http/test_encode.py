"""Heads and chunks as bytes."""

from __future__ import annotations

import pytest

from clearway.http.encode import chunk, fields, http_date, last_chunk, status_line


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, b"HTTP/1.1 200 OK\r\n"),
        (504, b"HTTP/1.1 504 Gateway Timeout\r\n"),
        (299, b"HTTP/1.1 299 \r\n"),
    ],
)
def test_a_status_line_names_what_it_knows(status: int, line: bytes) -> None:
    assert status_line(status) == line


def test_a_chunk_says_its_size_in_hexadecimal() -> None:
    assert chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"


@pytest.mark.parametrize(
    ("trailers", "end"), [((), b"0\r\n\r\n"), (((b"x", b"1"), (b"y", b"2")), b"0\r\nx: 1\r\ny: 2\r\n\r\n")]
)
def test_the_last_chunk_carries_the_trailers(trailers: tuple[tuple[bytes, bytes], ...], end: bytes) -> None:
    assert last_chunk(trailers) == end


def test_fields_are_lines() -> None:
    assert fields([(b"a", b"1"), (b"a", b"2")]) == b"a: 1\r\na: 2\r\n"


def test_a_date_is_in_the_preferred_format_of_rfc_9110() -> None:
    assert http_date(784_111_777) == b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
