"""The raw client reads responses as their framing says, and tells when one is not whole."""

from __future__ import annotations

import asyncio

import pytest

from clearway.testing import Wire, WireResponse


class Void(asyncio.Transport):
    """A transport that goes nowhere."""

    def is_closing(self) -> bool:
        return True


def read(data: bytes, method: str = "GET") -> WireResponse:
    async def scene() -> WireResponse:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        protocol = asyncio.StreamReaderProtocol(reader)
        writer = asyncio.StreamWriter(Void(), protocol, reader, asyncio.get_running_loop())
        return await Wire(reader, writer).response(method)

    return asyncio.run(scene())


HEAD = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "method", "body", "is_whole"),
    [
        (HEAD + b"content-length: 5\r\n\r\nhello, world", "GET", b"hello", True),
        (HEAD + b"content-length: 5\r\n\r\nhel", "GET", b"hel", False),
        (HEAD + b"content-length: 5\r\n\r\n", "HEAD", b"", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "GET", b"", True),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", "GET", b"", True),
        (CHUNKED + b"3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nx-t: 1\r\n\r\n", "GET", b"hello", True),
        (CHUNKED + b"3\r\nhel\r\n", "GET", b"hel", False),
        (CHUNKED + b"5\r\nhel", "GET", b"hel", False),
        (CHUNKED + b"3\r\nhel\r\n0\r\n", "GET", b"hel", False),
        (HEAD + b"\r\nhello", "GET", b"hello", False),
    ],
)
def test_a_body_is_read_as_far_as_it_comes(data: bytes, method: str, body: bytes, is_whole: bool) -> None:
    response = read(data, method)

    assert (response.body, response.is_whole) == (body, is_whole)


def test_status_and_headers_are_read() -> None:
    response = read(HEAD + b"content-length: 2\r\n\r\nok")

    assert (response.status, response.headers.get("x-a"), response.text) == (200, "1", "ok")


def test_interim_responses_are_counted_and_passed() -> None:
    response = read(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")

    assert (response.status, response.informed) == (204, (103,))


def test_no_response_is_an_error() -> None:
    with pytest.raises(EOFError):
        read(b"HTTP/1.1 200")
