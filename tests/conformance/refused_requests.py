"""Requests that two parsers could read differently, or that no parser should take: `(what, raw, status)`."""

from __future__ import annotations

__all__ = ["REFUSED"]

GET = b"GET / HTTP/1.1\r\n"
HOST = b"host: a\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"


def _host(value: bytes) -> bytes:
    return GET + b"host: " + value + b"\r\n\r\n"


def _field(line: bytes) -> bytes:
    return GET + HOST + line + b"\r\n\r\n"


def _target(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"


def _length(value: bytes) -> bytes:
    return POST + b"content-length: " + value + b"\r\n\r\nhello"


def _coding(value: bytes) -> bytes:
    return POST + b"transfer-encoding: " + value + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


REFUSED: list[tuple[str, bytes, int]] = [
    # Host: RFC 9112 section 3.2
    ("Host missing", GET + b"\r\n", 400),
    ("Host repeated", GET + HOST + HOST + b"\r\n", 400),
    ("Host repeated with another value", GET + HOST + b"host: b\r\n\r\n", 400),
    ("Host repeated on HTTP/1.0", b"GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    ("Host with a space", _host(b"a b"), 400),
    ("Host with a path", _host(b"a/b"), 400),
    ("Host with user information", _host(b"user@a"), 400),
    ("Host with a query", _host(b"a?b"), 400),
    ("Host with a fragment", _host(b"a#b"), 400),
    ("Host with a backslash", _host(b"a\\b"), 400),
    ("Host with two ports", _host(b"a:1:2"), 400),
    ("Host with a port that is no number", _host(b"a:b"), 400),
    ("Host with a signed port", _host(b"a:-1"), 400),
    ("Host that is a port alone", _host(b":80"), 400),
    ("Host that is empty", _host(b""), 400),
    ("Host with an unclosed bracket", _host(b"[::1"), 400),
    ("Host with bytes that are not ASCII", _host(b"\xe4.example"), 400),
    ("Host invalid beside an absolute target", b"GET http://a/ HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
    ("Host missing beside an absolute target", b"GET http://a/ HTTP/1.1\r\n\r\n", 400),
    # Field lines: RFC 9112 section 5
    ("space before the colon", _field(b"x : a"), 400),
    ("tab before the colon", _field(b"x\t: a"), 400),
    ("obs-fold", _field(b"x: a\r\n b"), 400),
    ("obs-fold with a tab", _field(b"x: a\r\n\tb"), 400),
    ("whitespace before the first field", GET + b" x: a\r\n" + HOST + b"\r\n", 400),
    ("bare CR in a value", _field(b"x: a\rb"), 400),
    ("bare CR before a field", _field(b"x: a\ry: b"), 400),
    ("CR CR LF", _field(b"x: a\r"), 400),
    ("bare LF between fields", _field(b"x: a\ny: b"), 400),
    ("bare LF at the end of the head", GET + HOST + b"\n", 400),
    ("bare LF everywhere", b"GET / HTTP/1.1\nhost: a\n\n", 400),
    ("NUL in a value", _field(b"x: a\0b"), 400),
    ("control in a value", _field(b"x: a\x01b"), 400),
    ("DEL in a value", _field(b"x: a\x7fb"), 400),
    ("field without a colon", _field(b"x"), 400),
    ("field without a name", _field(b": a"), 400),
    ("space in a name", _field(b"x y: a"), 400),
    ("separator in a name", _field(b"x(y): a"), 400),
    ("name that is not ASCII", _field(b"\xe4: a"), 400),
    ("NUL in a name", _field(b"x\0y: a"), 400),
    # The request line: RFC 9112 section 3
    ("space before the method", b" " + GET + HOST + b"\r\n", 501),
    ("tab after the method", b"GET\t/ HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("method that nobody knows", b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("method in lower case", b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 501),
    ("space after the version", b"GET / HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    ("protocol in lower case", b"GET / http/1.1\r\n" + HOST + b"\r\n", 400),
    ("version without a minor", b"GET / HTTP/1\r\n" + HOST + b"\r\n", 400),
    ("version of three digits", b"GET / HTTP/1.11\r\n" + HOST + b"\r\n", 400),
    ("version that is no number", b"GET / HTTP/x.y\r\n" + HOST + b"\r\n", 400),
    ("HTTP/0.9 by omission", b"GET /\r\n\r\n", 505),
    ("HTTP/0.9 by name", b"GET / HTTP/0.9\r\n" + HOST + b"\r\n", 505),
    ("HTTP/2.0 in HTTP/1 syntax", b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("control in the target", _target(b"/a\x01"), 400),
    ("DEL in the target", _target(b"/a\x7f"), 400),
    ("target that is not ASCII", _target(b"/\xe4"), 400),
    ("fragment in the target", _target(b"/a#b"), 400),
    ("fragment in the query", _target(b"/?a#b"), 400),
    ("target without a slash", _target(b"a"), 400),
    ("asterisk with GET", _target(b"*"), 400),
    ("absolute target with another scheme", _target(b"ftp://a/"), 400),
    ("absolute target without a host", _target(b"http:///"), 400),
    ("absolute target with user information", _target(b"http://user@a/"), 400),
    ("absolute target with a fragment", _target(b"http://a/#b"), 400),
    ("absolute target with an invalid port", _target(b"http://a:b/"), 400),
    ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("CONNECT with a path", b"CONNECT / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    ("CONNECT with an absolute target", b"CONNECT http://a/ HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    # Content-Length: RFC 9112 section 6.3, RFC 9110 section 8.6
    ("length with a sign", _length(b"+5"), 400),
    ("length below zero", _length(b"-5"), 400),
    ("length in hexadecimal", _length(b"0x5"), 400),
    ("length with an underscore", _length(b"1_0"), 400),
    ("length with a fraction", _length(b"5.0"), 400),
    ("length with letters behind", _length(b"5a"), 400),
    ("length with a space inside", _length(b"5 5"), 400),
    ("length as a list of equals", _length(b"5, 5"), 400),
    ("length as a list", _length(b"5,6"), 400),
    ("length that is empty", _length(b""), 400),
    ("length beyond 64 bits", _length(b"18446744073709551616"), 400),
    ("length beyond all bounds", _length(b"9" * 5000), 400),
    ("length repeated, equal", _length(b"5\r\ncontent-length: 5"), 400),
    ("length repeated, different", _length(b"5\r\ncontent-length: 6"), 400),
    # Transfer-Encoding: RFC 9112 sections 6.1 and 6.3
    ("length and then coding", _length(b"5\r\ntransfer-encoding: chunked"), 400),
    ("coding and then length", _coding(b"chunked\r\ncontent-length: 5"), 400),
    ("coding on HTTP/1.0", CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n", 400),
    ("coding that is not chunked", _coding(b"gzip"), 400),
    ("coding identity", _coding(b"identity"), 400),
    ("coding that is empty", _coding(b""), 400),
    ("chunked that is not last", _coding(b"chunked, gzip"), 400),
    ("chunked twice", _coding(b"chunked, chunked"), 400),
    ("chunked on two lines", _coding(b"chunked\r\ntransfer-encoding: chunked"), 400),
    ("chunked and then identity, on two lines", _coding(b"chunked\r\ntransfer-encoding: identity"), 400),
    ("a coding beneath chunked, on two lines", _coding(b"gzip\r\ntransfer-encoding: chunked"), 501),
    ("chunked with a parameter", _coding(b"chunked;q=1"), 400),
    ("chunked in quotes", _coding(b'"chunked"'), 400),
    ("chunked with a letter before", _coding(b"xchunked"), 400),
    ("chunked with a comma behind", _coding(b"chunked,"), 400),
    ("chunked with a vertical tab before", _coding(b"\x0bchunked"), 400),
    ("chunked with a comma before", _coding(b",chunked"), 501),
    ("a coding beneath chunked", _coding(b"gzip, chunked"), 501),
    # Expect: RFC 9110 section 10.1.1
    ("expectation that nobody knows", _length(b"5\r\nexpect: a-miracle"), 417),
    ("expectation repeated", _length(b"5\r\nexpect: 100-continue\r\nexpect: 100-continue"), 417),
]
