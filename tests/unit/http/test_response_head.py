"""An upstream's response head as a pure function: where its body ends, and what must not be passed on."""

from __future__ import annotations

import pytest

from clearway.http import ClientLimits, UpstreamProtocolError
from clearway.http.head import FRAMING, Framing, Raw, note_framing
from clearway.http.response_head import ResponseHead, read_response_head

CHUNKED = (b"transfer-encoding", b"chunked")
FIVE = (b"content-length", b"5")
LIMITS = ClientLimits(header_count=3)


def read(
    *lines: tuple[bytes, bytes], status: int = 200, version: str = "1.1", expects_body: bool = True
) -> ResponseHead:
    """Read a head as the parser hands it over."""
    fields: Raw = []
    framing: Framing = {}
    for name, value in lines:
        if name in FRAMING:
            note_framing(framing, name, value)
        else:
            fields.append((name, value))
    return read_response_head(status, version, fields, framing, expects_body, LIMITS)


@pytest.mark.parametrize(
    ("lines", "options", "length", "until_close"),
    [
        ([FIVE], {}, 5, False),
        ([CHUNKED], {}, None, False),
        ([], {}, None, True),
        ([], {"version": "1.0"}, None, True),
        ([FIVE], {"version": "1.0"}, 5, False),
        ([FIVE], {"expects_body": False}, 0, False),
        ([CHUNKED], {"expects_body": False}, 0, False),
        ([], {"expects_body": False}, 0, False),
        ([FIVE], {"status": 204}, 0, False),
        ([FIVE], {"status": 304}, 0, False),
        ([], {"status": 304}, 0, False),
        ([FIVE], {"status": 103}, 0, False),
    ],
)
def test_the_end_of_the_body_is_known(
    lines: Raw, options: dict[str, int], length: int | None, until_close: bool
) -> None:
    head = read(*lines, **options)  # type: ignore[arg-type]

    assert (head.length, head.until_close) == (length, until_close)


@pytest.mark.parametrize(
    ("connection", "version", "keeps"),
    [
        ([], "1.1", True),
        ([], "1.0", False),
        ([b"close"], "1.1", False),
        ([b"close", b"x"], "1.1", False),
        ([b"x, Close"], "1.1", False),
        ([b"keep-alive"], "1.0", True),
        ([b"x-close"], "1.1", True),
    ],
)
def test_a_connection_is_kept_as_it_says(connection: list[bytes], version: str, keeps: bool) -> None:
    lines = [(b"connection", value) for value in connection]

    assert read(FIVE, *lines, version=version).keep_alive is keeps


def test_only_a_close_ends_a_body_without_length_so_its_connection_is_not_kept() -> None:
    assert read((b"connection", b"keep-alive")).keep_alive is False


@pytest.mark.parametrize(
    ("options", "kept"),
    [({}, False), ({"status": 204}, False), ({"status": 304}, True), ({"expects_body": False}, True)],
)
def test_a_length_goes_on_where_it_describes_a_body_that_is_not_sent(
    options: dict[str, int], kept: bool
) -> None:
    assert ("content-length" in read(FIVE, **options).headers) is kept  # type: ignore[arg-type]


def test_what_is_for_one_hop_or_named_by_connection_does_not_go_on() -> None:
    head = read(FIVE, (b"connection", b"x-a"), (b"x-a", b"1"), (b"keep-alive", b"1"), (b"x-b", b"2"))

    assert head.headers.raw == ((b"x-b", b"2"),)


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        ([FIVE], {"status": 99}),
        ([FIVE], {"status": 600}),
        ([FIVE], {"version": "2.0"}),
        ([CHUNKED], {"version": "1.0"}),
        ([CHUNKED, CHUNKED], {}),
        ([(b"transfer-encoding", b"gzip")], {}),
        ([(b"transfer-encoding", b"gzip"), CHUNKED], {}),
        ([(b"transfer-encoding", b"gzip, chunked")], {}),
        ([(b"x", b"1")] * 4, {}),
    ],
)
def test_a_head_is_not_passed_on(lines: Raw, options: dict[str, int]) -> None:
    with pytest.raises(UpstreamProtocolError):
        read(*lines, **options)  # type: ignore[arg-type]
