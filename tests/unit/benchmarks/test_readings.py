"""How the fuzzer's second opinion, h11, reads what gateways read in another way."""

from __future__ import annotations

import pytest

from benchmarks.fuzzing.readings import read_responses

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
CODINGS = [b"gzip", b"chun\xf4ed", b"chunked, gzip", b"chunked\r\ntransfer-encoding: chunked"]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_behind_a_body_can_be_dropped(coding: bytes) -> None:
    sent = CHUNKED + b"transfer-encoding: " + coding + b"\r\nx: y\r\n\r\n"

    (reading,), error = read_responses(sent, ["GET"], closed=False, drop_codings=True)

    assert (reading.start, reading.body, reading.complete, error) == (("200",), b"hello", True, "")


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coding_behind_a_body_is_refused_in_what_we_send(coding: bytes) -> None:
    sent = CHUNKED + b"transfer-encoding: " + coding + b"\r\n\r\n"

    (reading,), error = read_responses(sent, ["GET"], closed=False)

    assert (reading.complete, "Transfer-Encoding" in error) == (False, True)


def test_what_comes_behind_a_dropped_coding_is_read_on() -> None:
    sent = CHUNKED + b"transfer-encoding: gzip\r\n\r\n"

    readings, error = read_responses(sent + sent, ["GET", "GET"], closed=False, drop_codings=True)

    assert ([reading.body for reading in readings], error) == ([b"hello", b"hello"], "")


def test_a_coding_in_a_head_is_never_dropped() -> None:
    sent = CHUNKED.replace(b"chunked", b"gzip") + b"\r\n"

    readings, error = read_responses(sent, ["GET"], closed=False, drop_codings=True)

    assert (readings, error != "") == ([], True)
