"""Plain heads are read in C and all others in Python: for one and the same head, both must say the same."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.http._messages import KNOWN_HOSTS, ResponseGatherer
from clearway.http.limits import ClientLimits, ServerLimits
from clearway.http.reader import RequestReader
from clearway.http.response_head import read_response_head
from clearway.plug import Conn, RequestError

SERVER = ServerLimits(target_bytes=40, head_bytes=200, header_count=6)
CLIENT = ClientLimits(head_bytes=200, header_count=6)
# Sizes around the limits, and everything that makes a head plain or not.
METHODS = st.sampled_from(
    [b"GET", b"HEAD", b"POST", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PROPFIND"]
)
TARGETS = st.sampled_from(
    [
        b"/",
        b"/a?b=c",
        b"/?",
        b"//",
        b"/a#b",
        b"/a?b#c",
        b"*",
        b"http://h/x?y",
        b"/\xe9",
        b"/%zz",
        b"/" + b"a" * 39,
        b"/" + b"a" * 40,
    ]
)
VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0"])
FIELDS = st.sampled_from(
    [
        b"Host: a",
        b"host: A.example:80",
        b"Host: [::1]:1",
        b"Host: a b",
        b"Host:",
        b"Accept: */*",
        b"X-A:  b \t",
        b"Cookie: " + b"c" * 100,
        b"Cookie: " + b"c" * 90,
        b"x-a: \xff",
        b"Connection: keep-alive",
        b"Connection: close, x-a",
        b"Connection: Upgrade",
        b"Upgrade: h2c",
        b"Content-Length: 0",
        b"TE: trailers",
        b"Expect: 100-continue",
    ]
)
STATUSES = st.sampled_from(
    [b"200 OK", b"204 No", b"304 Not", b"404 N", b"599 x", b"600 x", b"103 Early", b"099 x"]
)
ANSWERED = st.sampled_from(
    [
        b"Content-Length: 3",
        b"content-length: 003 ",
        b"Transfer-Encoding: chunked",
        b"transfer-encoding: Chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Connection: keep-alive",
        b"connection: Keep-Alive",
        b"Connection: close",
        b"Connection: keep-alive, x-a",
        b"X-A: b \t",
        b"Date: now",
        b"Keep-Alive: timeout=5",
        b"Cookie: " + b"c" * 90,
    ]
)


class Told:
    """Keeps what a reader tells."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def request_began(self, request: Conn, *rest: object) -> None:
        fields = (request.method, request.path, request.query_string, request.headers.raw, request.host)
        self.told.append((*fields, request.http_version, request.body.length, *rest))

    def body_arrived(self, data: bytes) -> None:
        self.told.append(data)

    def request_ended(self, trailers: object) -> None:
        self.told.append(("ended", trailers))


class AlwaysInPython(RequestReader):
    """Reads no head in C: nothing that it is shown holds to a limit of no lines."""

    __slots__ = ()

    def __init__(self, receiver: Told, limits: ServerLimits) -> None:
        super().__init__(receiver, limits)
        self._most_lines = -1


def read(reader: type[RequestReader], data: bytes, step: int) -> tuple[list[Any], object]:
    told = Told()
    reading = reader(told, SERVER)
    try:
        for at in range(0, len(data), step):
            reading.feed(data[at : at + step])
    except RequestError as refusal:
        return told.told, (refusal.status, str(refusal))
    return told.told, (reading.in_head, reading.in_body)


def without_ends(told: list[Any]) -> list[Any]:
    """Leave out the end of a request that has no body: it is not told of a plain one."""
    return [each for each in told if each != ("ended", ())]


@given(
    heads=st.lists(
        st.tuples(METHODS, TARGETS, VERSIONS, st.lists(FIELDS, max_size=7)), min_size=1, max_size=3
    ),
    step=st.integers(1, 400),
)
def test_a_request_is_the_same_whoever_reads_its_head(
    heads: list[tuple[bytes, bytes, bytes, list[bytes]]], step: int
) -> None:
    data = b"".join(
        b"\r\n".join([b"%b %b %b" % (method, target, version), *fields, b"", b""])
        for method, target, version, fields in heads
    )

    first = read(RequestReader, data, step)  # which learns the hosts
    again, python = read(RequestReader, data, step), read(AlwaysInPython, data, step)

    for told, end in (first, again):
        assert (without_ends(told), end) == (without_ends(python[0]), python[1])


def test_a_usual_request_is_read_in_c() -> None:
    class Never(RequestReader):
        __slots__ = ()

        def _read_head(self) -> None:
            raise AssertionError("this head is plain")

    KNOWN_HOSTS[b"a"] = "a"
    told, _ = read(Never, b"GET /x?y HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n" * 2, 400)

    headers = ((b"host", b"a"), (b"x-a", b"b"))
    assert told == [("GET", "/x", "y", headers, "a", "1.1", 0, 0, True, False)] * 2


class Answers(ResponseGatherer):
    """Reads one response's head, in C where that may be."""

    def __init__(self, size: int, expects_body: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._most_bytes, self._most_lines = CLIENT.head_bytes, CLIENT.header_count
        self._expects_body = expects_body
        self._overhead = size
        self.in_python = False

    def _read_head(self) -> None:
        self.in_python = True
        fields, _, framing, _ = self._take()
        status, version = self._parser.get_status_code(), self._parser.get_http_version()
        self._head = read_response_head(status, version, fields, framing, self._expects_body, CLIENT)


class AnswersInPython(Answers):
    """Reads no head in C."""

    def __init__(self, size: int, expects_body: bool) -> None:
        super().__init__(size, expects_body)
        self._most_lines = -1


def answered(reader: type[Answers], data: bytes, expects_body: bool) -> object:
    answers = reader(len(data), expects_body)
    try:
        answers._parser.feed_data(data)
    except httptools.HttpParserCallbackError as error:
        return error.__context__.__class__, str(error.__context__)
    except httptools.HttpParserError as error:
        return str(error)
    return answers._head


@given(version=VERSIONS, status=STATUSES, fields=st.lists(ANSWERED, max_size=7), expects_body=st.booleans())
def test_a_response_is_the_same_whoever_reads_its_head(
    version: bytes, status: bytes, fields: list[bytes], expects_body: bool
) -> None:
    data = b"\r\n".join([b"%b %b" % (version, status), *fields, b"", b""])

    assert answered(Answers, data, expects_body) == answered(AnswersInPython, data, expects_body)


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 3\r\nConnection: keep-alive", b"Transfer-Encoding: chunked"]
)
def test_a_usual_response_is_read_in_c(framing: bytes) -> None:
    answers = Answers(100, True)

    answers._parser.feed_data(b"HTTP/1.1 200 OK\r\nX-A: b\r\n" + framing + b"\r\n\r\n")

    assert not answers.in_python
    assert answers._head is not None
    assert answers._head.headers.raw == ((b"x-a", b"b"),)
