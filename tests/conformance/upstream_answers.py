"""What upstreams send: what must not be passed on, and what must."""

from __future__ import annotations

__all__ = ["BROKEN", "CHUNKED", "GOOD", "TRUNCATED"]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


def _field(line: bytes) -> bytes:
    return OK + line + b"\r\ncontent-length: 5\r\n\r\nhello"


def _length(value: bytes) -> bytes:
    return OK + b"content-length: " + value + b"\r\n\r\nhello"


def _coding(value: bytes) -> bytes:
    return OK + b"transfer-encoding: " + value + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def _trailer(line: bytes) -> bytes:
    return CHUNKED + b"5\r\nhello\r\n0\r\n" + line + b"\r\n\r\n"


BROKEN: list[tuple[str, bytes]] = [
    # Answers that get 502, and end the upstream's connection: RFC 9112 sections 2.2, 5, 6.3
    ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("words", b"hello, I am an upstream\r\n\r\n"),
    ("a request", b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
    ("HTTP/0.9", b"<html>hello</html>"),
    ("HTTP/2", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64"),
    ("HTTP/2.0 in HTTP/1 syntax", _length(b"5").replace(b"1.1", b"2.0")),
    ("HTTP/1.2", _length(b"5").replace(b"1.1", b"1.2")),
    ("ICY", _length(b"5").replace(b"HTTP/1.1", b"ICY")),
    ("a status of two digits", _length(b"5").replace(b"200", b"20")),
    ("a status of four digits", _length(b"5").replace(b"200", b"2000")),
    ("a status below 100", _length(b"5").replace(b"200", b"099")),
    ("a status above 599", _length(b"5").replace(b"200", b"600")),
    ("two spaces before the status", _length(b"5").replace(b" 200", b"  200")),
    ("a bare LF behind the status line", OK[:-2] + b"\ncontent-length: 5\r\n\r\nhello"),
    ("a bare CR behind the status line", OK[:-2] + b"\rcontent-length: 5\r\n\r\nhello"),
    ("a bare LF behind a field", OK + b"x: y\ncontent-length: 5\r\n\r\nhello"),
    ("a bare CR in a value", _field(b"x: a\rb")),
    ("obs-fold", _field(b"x: a\r\n b")),
    ("whitespace before the first field", OK + b" x: y\r\ncontent-length: 5\r\n\r\nhello"),
    ("space before a colon", _field(b"x : y")),
    ("a field without a colon", _field(b"x")),
    ("a field without a name", _field(b": y")),
    ("NUL in a value", _field(b"x: \0")),
    ("a control in a value", _field(b"x: \x01")),
    ("a length with a sign", _length(b"+5")),
    ("a length below zero", _length(b"-5")),
    ("a length that is a list", _length(b"5, 5")),
    ("a length that is empty", _length(b"")),
    ("a length beyond 64 bits", _length(b"18446744073709551616")),
    ("two lengths, equal", _length(b"5\r\ncontent-length: 5")),
    ("two lengths, different", _length(b"5\r\ncontent-length: 6")),
    ("a length and then a coding", _length(b"5\r\ntransfer-encoding: chunked")),
    ("a coding and then a length", _coding(b"chunked\r\ncontent-length: 5")),
    ("a coding on HTTP/1.0", _coding(b"chunked").replace(b"1.1", b"1.0")),
    ("a coding that is not chunked", _coding(b"gzip")),
    ("a coding beneath chunked", _coding(b"gzip, chunked")),
    ("a coding beneath chunked, on two lines", _coding(b"gzip\r\ntransfer-encoding: chunked")),
    ("chunked that is not last", _coding(b"chunked, gzip")),
    ("chunked that is not last, on two lines", _coding(b"chunked\r\ntransfer-encoding: gzip")),
    ("chunked twice", _coding(b"chunked, chunked")),
    ("chunked on two lines", _coding(b"chunked\r\ntransfer-encoding: chunked")),
    ("a switch of protocols", b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello"),
    ("a switch of protocols to nothing", b"HTTP/1.1 101 Switching\r\n\r\nhello"),
    ("a head that is too large", OK + b"x: " + b"y" * 70_000 + b"\r\ncontent-length: 5\r\n\r\nhello"),
    ("too many fields", OK + b"x: y\r\n" * 300 + b"content-length: 5\r\n\r\nhello"),
    ("interim responses without an end", b"HTTP/1.1 102 Processing\r\n\r\n" * 5000),
]

TRUNCATED: list[tuple[str, bytes, bytes, str]] = [
    # Answers that break off after their head: (what, raw, the body that comes before, outcome)
    ("a length that is not reached", OK + b"content-length: 6\r\n\r\nhello", b"hello", "upstream_closed"),
    ("a length of which nothing comes", OK + b"content-length: 6\r\n\r\n", b"", "upstream_closed"),
    ("chunks without the last", CHUNKED + b"5\r\nhello\r\n", b"hello", "upstream_closed"),
    ("half a chunk", CHUNKED + b"9\r\nhello", b"hello", "upstream_closed"),
    ("a last chunk without its end", CHUNKED + b"5\r\nhello\r\n0\r\n", b"hello", "upstream_closed"),
    ("a trailer without its end", CHUNKED + b"5\r\nhello\r\n0\r\nx: y", b"hello", "upstream_closed"),
    ("a size that is no number", CHUNKED + b"5\r\nhello\r\nzz\r\n", b"hello", "upstream_protocol_error"),
    ("a size with a space", CHUNKED + b"5\r\nhello\r\n5 \r\nagain", b"hello", "upstream_protocol_error"),
    ("data longer than its size", CHUNKED + b"5\r\nhelloXX\r\n", b"hello", "upstream_protocol_error"),
    ("a trailer with a space", CHUNKED + b"5\r\nhello\r\n0\r\nx : y\r\n\r\n", b"hello",
     "upstream_protocol_error"),
    ("a trailer that is a length", CHUNKED + b"5\r\nhello\r\n0\r\ncontent-length: 5\r\n\r\n", b"hello",
     "upstream_protocol_error"),
]  # fmt: skip

GOOD: list[tuple[str, bytes, int, bytes, bool]] = [
    # Answers that are passed on: (what, raw, status, body, whether the connection is used again)
    ("a length", _length(b"5"), 200, b"hello", True),
    ("a length of zero", OK + b"content-length: 0\r\n\r\n", 200, b"", True),
    ("chunks", CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200, b"hello", True),
    ("chunks with extensions", CHUNKED + b'5;a="b"\r\nhello\r\n0;c\r\n\r\n', 200, b"hello", True),
    ("chunks with a trailer", CHUNKED + b"5\r\nhello\r\n0\r\nx: y\r\n\r\n", 200, b"hello", True),
    # RFC 9112 section 7.1.2: trailers may be dropped; llhttp heeds some of them nevertheless
    ("a trailer that is a coding", _trailer(b"transfer-encoding: gzip"), 200, b"hello", False),
    ("a trailer that is chunked", _trailer(b"transfer-encoding: chunked"), 200, b"hello", False),
    ("a trailer that closes", _trailer(b"connection: close"), 200, b"hello", False),
    ("no reason", _length(b"5").replace(b" OK", b""), 200, b"hello", True),
    ("an empty reason", _length(b"5").replace(b"OK", b""), 200, b"hello", True),
    ("204", b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    ("204 with a length", b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", 204, b"", True),
    ("304 with a length", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", 304, b"", True),
    ("304 with a coding", b"HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", 304, b"", True),
    ("100 before it", b"HTTP/1.1 100 Continue\r\n\r\n" + _length(b"5"), 200, b"hello", True),
    ("103 before it", b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n" + _length(b"5"), 200, b"hello", True),
    ("an Upgrade that only advertises", _field(b"upgrade: h2c"), 200, b"hello", True),
    ("an empty line before it", b"\r\n" + _length(b"5"), 200, b"hello", True),
    ("500", _length(b"5").replace(b"200", b"500"), 500, b"hello", True),
    ("close", _field(b"connection: close"), 200, b"hello", False),
    ("close in a list", _field(b"connection: x, Close"), 200, b"hello", False),
    ("close on the first of two lines", _field(b"connection: close\r\nconnection: x"), 200, b"hello", False),
    ("HTTP/1.0", _length(b"5").replace(b"1.1", b"1.0"), 200, b"hello", False),
    ("HTTP/1.0 kept alive", _field(b"connection: keep-alive").replace(b"1.1", b"1.0"), 200, b"hello", True),
    ("a second answer", _length(b"5") + _length(b"5"), 200, b"hello", False),
    ("a byte too many", _length(b"5") + b"!", 200, b"hello", False),
    ("garbage behind it", _length(b"5") + b"\0\0\0\0", 200, b"hello", False),
    ("garbage behind chunks", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n\0\0", 200, b"hello", False),
    ("a body behind 204", b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello", 204, b"", False),
    ("a body behind 304", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello", 304, b"", False),
]
