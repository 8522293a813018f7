"""The request head as a pure function: what is kept apart, what is refused, what it says of the body."""

from __future__ import annotations

import pytest

from clearway.http.head import FRAMING, Framing, Head, Raw, head_size, keep_unnamed, note_framing, read_head
from clearway.plug import RequestError

CHUNKED = (b"transfer-encoding", b"chunked")


def read(
    *lines: tuple[bytes, bytes],
    method: str = "GET",
    target: str = "/",
    version: str = "1.1",
    host: bytes | None = b"a",
) -> Head:
    """Read a head as the parser hands it over."""
    hosts = [] if host is None else [host]
    fields: Raw = [(b"host", value) for value in hosts]
    framing: Framing = {}
    for name, value in lines:
        if name in FRAMING:
            note_framing(framing, name, value)
        else:
            fields.append((name, value))
    return read_head(method, target, version, hosts, fields, framing)


def status_of(*lines: tuple[bytes, bytes], **options: str) -> int:
    with pytest.raises(RequestError) as raised:
        read(*lines, **options)  # type: ignore[arg-type]
    return raised.value.status


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%2Fb", "/a%2Fb", ""),
        ("/a?b=c?d", "/a", "b=c?d"),
        ("//a", "//a", ""),
        ("http://b/x?y", "/x", "y"),
        ("HTTPS://b", "/", ""),
        ("http://b?y", "/", "y"),
    ],
)
def test_a_target_is_split_and_never_decoded(target: str, path: str, query: str) -> None:
    head = read(target=target)

    assert (head.path, head.query_string) == (path, query)


@pytest.mark.parametrize(
    ("value", "host"),
    [
        (b"a.example", "a.example"),
        (b"A.Example:80", "a.example"),
        (b"a:", "a"),
        (b"[::1]:80", "[::1]"),
        (b"[::1]", "[::1]"),
        (b"127.0.0.1:1", "127.0.0.1"),
    ],
)
def test_the_host_is_lower_case_and_without_its_port(value: bytes, host: str) -> None:
    assert read(host=value).host == host


def test_an_absolute_target_names_the_host() -> None:
    head = read((b"x", b"1"), target="http://B:81/", host=b"a")

    assert head.host == "b"
    assert head.headers.raw == ((b"host", b"B:81"), (b"x", b"1"))


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([], 0),
        ([(b"content-length", b"0")], 0),
        ([(b"content-length", b"007")], 7),
        ([CHUNKED], None),
        ([(b"transfer-encoding", b"CHUNKED")], None),
    ],
)
def test_the_length_of_the_body_is_known_or_chunked(lines: Raw, length: int | None) -> None:
    assert read(*lines).length == length


@pytest.mark.parametrize(
    ("connection", "version", "keeps"),
    [
        ([], "1.1", True),
        ([], "1.0", False),
        ([b"close"], "1.1", False),
        ([b"Close"], "1.1", False),
        ([b"x , close"], "1.1", False),
        ([b"x", b"close"], "1.1", False),
        ([b"closed"], "1.1", True),
        ([b"keep-alive"], "1.0", True),
        ([b"x", b"Keep-Alive"], "1.0", True),
        ([b"keep-alive, close"], "1.0", False),
    ],
)
def test_a_connection_is_kept_as_it_says(connection: list[bytes], version: str, keeps: bool) -> None:
    assert read(*[(b"connection", value) for value in connection], version=version).keep_alive is keeps


@pytest.mark.parametrize(
    ("version", "length", "expects"), [("1.1", b"5", True), ("1.0", b"5", False), ("1.1", b"0", False)]
)
def test_100_continue_is_expected_for_a_body_on_http_1_1(version: str, length: bytes, expects: bool) -> None:
    head = read((b"expect", b"100-Continue"), (b"content-length", length), version=version)

    assert head.expects_continue is expects


@pytest.mark.parametrize("name", sorted(FRAMING - {b"content-length", b"transfer-encoding", b"te"}))
def test_what_is_for_one_hop_does_not_go_on(name: bytes) -> None:
    head = read((name, b"100-continue"), (b"x", b"1"))

    assert head.headers.raw == ((b"host", b"a"), (b"x", b"1"))


def test_what_connection_names_does_not_go_on() -> None:
    named = [(b"connection", b"X-A, host"), (b"connection", b"x-c")]

    head = read(*named, (b"x-a", b"1"), (b"x-b", b"2"), (b"x-c", b"3"))

    assert head.headers.raw == ((b"host", b"a"), (b"x-b", b"2"))


@pytest.mark.parametrize(
    ("te", "kept"), [(b"trailers", True), (b"gzip;q=1, Trailers", True), (b"gzip", False)]
)
def test_te_goes_on_as_far_as_it_says_that_trailers_can_be_read(te: bytes, kept: bool) -> None:
    assert (read((b"te", te)).headers.get("te") == "trailers") is kept


@pytest.mark.parametrize(
    ("lines", "options", "status"),
    [
        ([], {"version": "2.0"}, 505),
        ([], {"version": "0.9"}, 505),
        ([], {"host": None}, 400),
        ([], {"host": b""}, 400),
        ([], {"host": b"a b"}, 400),
        ([], {"target": "a"}, 400),
        ([], {"target": "*"}, 400),
        ([], {"target": "/#a"}, 400),
        ([], {"target": "http://a b/"}, 400),
        ([], {"target": "ftp://a/"}, 400),
        ([], {"method": "CONNECT"}, 501),
        ([], {"method": "DESCRIBE"}, 501),
        ([CHUNKED], {"version": "1.0"}, 400),
        ([(b"transfer-encoding", b"gzip")], {}, 400),
        ([(b"transfer-encoding", b"gzip, chunked")], {}, 501),
        ([(b"transfer-encoding", b"gzip"), CHUNKED], {}, 501),
        ([(b"expect", b"x"), CHUNKED], {}, 417),
    ],
)  # fmt: skip
def test_a_head_is_refused(lines: Raw, options: dict[str, str], status: int) -> None:
    assert status_of(*lines, **options) == status


def test_host_may_be_missing_on_http_1_0_alone() -> None:
    assert read(version="1.0", host=None).host == ""


def test_a_repeated_host_is_refused() -> None:
    with pytest.raises(RequestError, match="repeated"):
        read_head("GET", "/", "1.0", [b"a", b"a"], [], {})


def test_lines_of_one_name_are_one_list() -> None:
    framing: Framing = {}
    for value in (b"a", b"b, c"):
        note_framing(framing, b"connection", value)

    assert framing == {b"connection": b"a, b, c"}


def test_fields_that_nobody_names_stay_the_same_list() -> None:
    fields = [(b"x", b"1")]

    assert keep_unnamed(fields, {}) is fields
    assert keep_unnamed(fields, {b"connection": b"close"}) is fields


def test_the_size_of_a_head_is_what_it_has_on_the_wire() -> None:
    assert head_size([(b"x", b"12"), (b"yy", b"")]) == len(b"x: 12\r\nyy: \r\n")
