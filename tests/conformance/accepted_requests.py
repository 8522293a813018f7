"""Requests that must be taken: `(what, raw, [(method, target, body) as a plug sees it], stays open)`."""

from __future__ import annotations

__all__ = ["ACCEPTED"]

Seen = tuple[str, str, bytes]

GET = b"GET / HTTP/1.1\r\nhost: a\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nhost: a\r\n\r\n"
UPGRADE = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n"
ONE: Seen = ("GET", "/", b"")
HELLO: Seen = ("POST", "/", b"hello")
TWO: Seen = ("GET", "/next", b"")


def _host(value: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\nhost: " + value + b"\r\n\r\n"


def _target(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\nhost: a\r\n\r\n"


ACCEPTED: list[tuple[str, bytes, list[Seen], bool]] = [
    ("a plain request", GET + b"\r\n", [ONE], True),
    ("empty lines before it", b"\r\n\r\n" + GET + b"\r\n", [ONE], True),
    ("a name in capitals", GET.replace(b"host", b"HOST") + b"\r\n", [ONE], True),
    ("no space after the colon", b"GET / HTTP/1.1\r\nhost:a\r\n\r\n", [ONE], True),
    ("whitespace around a value", b"GET / HTTP/1.1\r\nhost:\t a \t\r\n\r\n", [ONE], True),
    ("an empty value", GET + b"x:\r\n\r\n", [ONE], True),
    ("a value that is not ASCII", GET + b"x: \xe4\xff\r\n\r\n", [ONE], True),
    ("Host with a port", _host(b"a.example:8080"), [ONE], True),
    ("Host with an empty port", _host(b"a.example:"), [ONE], True),
    ("Host that is IPv4", _host(b"127.0.0.1"), [ONE], True),
    ("Host that is IPv6", _host(b"[::1]:80"), [ONE], True),
    ("Host with an underscore", _host(b"a_b"), [ONE], True),
    ("a query", _target(b"/a?b=c&d=%20"), [("GET", "/a?b=c&d=%20", b"")], True),
    ("two slashes", _target(b"//a//b"), [("GET", "//a//b", b"")], True),
    ("dot segments, as they came", _target(b"/a/../b"), [("GET", "/a/../b", b"")], True),
    ("an absolute target", _target(b"http://b/x?y"), [("GET", "/x?y", b"")], True),
    ("an absolute target without a path", _target(b"http://b"), [ONE], True),
    ("an asterisk", b"OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n", [("OPTIONS", "*", b"")], True),
    # Bodies
    ("a length", POST + b"content-length: 5\r\n\r\nhello", [HELLO], True),
    ("a length with a zero before", POST + b"content-length: 05\r\n\r\nhello", [HELLO], True),
    ("a length with whitespace around", POST + b"content-length: \t5 \r\n\r\nhello", [HELLO], True),
    ("a length of zero", POST + b"content-length: 0\r\n\r\n", [("POST", "/", b"")], True),
    ("no length", POST + b"\r\n", [("POST", "/", b"")], True),
    ("GET with a body", GET + b"content-length: 5\r\n\r\nhello", [("GET", "/", b"hello")], True),
    ("chunks", CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", [HELLO], True),
    ("no chunk but the last", CHUNKED + b"0\r\n\r\n", [("POST", "/", b"")], True),
    ("chunked in capitals", CHUNKED.upper() + b"5\r\nhello\r\n0\r\n\r\n", [HELLO], True),
    ("a size with zeros before", CHUNKED + b"0005\r\nhello\r\n000\r\n\r\n", [HELLO], True),
    ("a size in capitals", CHUNKED + b"A\r\n0123456789\r\n0\r\n\r\n", [("POST", "/", b"0123456789")], True),
    ("an extension", CHUNKED + b"5;a\r\nhello\r\n0;b=c\r\n\r\n", [HELLO], True),
    ("an extension in quotes", CHUNKED + b'5;a="b;c"\r\nhello\r\n0\r\n\r\n', [HELLO], True),
    ("a trailer", CHUNKED + b"5\r\nhello\r\n0\r\nx: y\r\n\r\n", [HELLO], True),
    # One after the other
    ("two requests", GET + b"\r\n" + NEXT, [ONE, TWO], True),
    ("a request behind a body", POST + b"content-length: 5\r\n\r\nhello" + NEXT, [HELLO, TWO], True),
    ("a request behind chunks", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + NEXT, [HELLO, TWO], True),
    ("a request behind an empty line", GET + b"\r\n\r\n" + NEXT, [ONE, TWO], True),
    ("a request behind trailers", CHUNKED + b"0\r\nx: y\r\n\r\n" + NEXT, [("POST", "/", b""), TWO], True),
    ("twenty requests", NEXT * 20, [TWO] * 20, True),
    # Connection: RFC 9112 section 9.3
    ("close", GET + b"connection: close\r\n\r\n", [ONE], False),
    ("close in capitals, in a list", GET + b"connection: x, CLOSE\r\n\r\n", [ONE], False),
    ("close on the second line", GET + b"connection: x\r\nconnection: close\r\n\r\n", [ONE], False),
    ("bytes behind close", GET + b"connection: close\r\n\r\n" + NEXT, [ONE], False),
    ("garbage behind close", GET + b"connection: close\r\n\r\n\0\0\0", [ONE], False),
    ("HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n", [ONE], False),
    ("HTTP/1.0 with Host", b"GET / HTTP/1.0\r\nhost: a\r\n\r\n", [ONE], False),
    ("HTTP/1.0 with a body", b"POST / HTTP/1.0\r\ncontent-length: 5\r\n\r\nhello", [HELLO], False),
    ("bytes behind HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n" + NEXT, [ONE], False),
    ("HTTP/1.0 kept alive", b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n" + NEXT, [ONE, TWO], True),
    (
        "HTTP/1.0 kept alive and closed",
        b"GET / HTTP/1.0\r\nconnection: keep-alive, close\r\n\r\n",
        [ONE],
        False,
    ),
    # Upgrade, which we do not do: RFC 9110 section 7.8
    ("an upgrade", GET + UPGRADE + b"\r\n", [ONE], True),
    ("a request behind an upgrade", GET + UPGRADE + b"\r\n" + NEXT, [ONE, TWO], True),
    ("an upgrade with a body", POST + UPGRADE + b"content-length: 5\r\n\r\nhello" + NEXT, [HELLO, TWO], True),
    (
        "an upgrade with chunks",
        POST + UPGRADE + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + NEXT,
        [HELLO, TWO],
        True,
    ),
    ("an upgrade with trailers",
     POST + UPGRADE + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n" + NEXT,
     [HELLO, TWO], True),
    ("many upgrades", (GET + UPGRADE + b"\r\n") * 1000, [ONE] * 1000, True),
    ("an upgrade on HTTP/1.0", b"GET / HTTP/1.0\r\n" + UPGRADE + b"\r\n", [ONE], False),
    ("a websocket", GET + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n" + NEXT, [ONE, TWO], True),
    ("Upgrade that Connection does not name", GET + b"upgrade: h2c\r\n\r\n" + NEXT, [ONE, TWO], True),
    # Expect on HTTP/1.0 is ignored: RFC 9110 section 10.1.1
    (
        "Expect on HTTP/1.0",
        b"POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\nhello",
        [HELLO],
        False,
    ),
]  # fmt: skip
