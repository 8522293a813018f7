"""What mutations begin with: valid messages, nasty ones, and words that parsers trip over."""

from __future__ import annotations

__all__ = ["REQUESTS", "RESPONSES", "TOKENS"]

_HOST = b"host: a.example\r\n"
_BODY = b"content-length: 5\r\n\r\nhello"
_CHUNKS = b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"
_TRAILERS = _CHUNKS[:-2] + b"x: y\r\nconnection: close\r\nte: z\r\n\r\n"

REQUESTS = [
    b"GET / HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /a/b?c=d&e=%20f HTTP/1.1\r\n" + _HOST + b"accept: */*\r\nuser-agent: x/1\r\ncookie: a=b\r\n\r\n",
    b"GET http://b.example:81/x?y HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"max-forwards: 3\r\n\r\n",
    b"HEAD /x HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"DELETE /x HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.0\r\n" + _HOST + b"connection: keep-alive\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"connection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"connection: x-a, te\r\nx-a: 1\r\nte: trailers\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + _HOST + _BODY,
    b"POST / HTTP/1.1\r\n" + _HOST + b"expect: 100-continue\r\n" + _BODY,
    b"PUT /x HTTP/1.1\r\n" + _HOST + _CHUNKS,
    b"POST / HTTP/1.1\r\n"
    + _HOST
    + b'transfer-encoding: chunked\r\n\r\n3;a="b"\r\nhel\r\n2\r\nlo\r\n0\r\nx: y\r\n\r\n',
    b"POST / HTTP/1.1\r\n" + _HOST + b"connection: upgrade\r\nupgrade: h2c\r\n" + _BODY,
    b"POST / HTTP/1.1\r\n" + _HOST + b"connection: upgrade\r\nupgrade: h2c\r\n" + _CHUNKS,
    b"GET / HTTP/1.1\r\n" + _HOST + b"\r\nGET /2 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /1 HTTP/1.1\r\n" + _HOST + _BODY + b"GET /2 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /1 HTTP/1.1\r\n" + _HOST + _CHUNKS + b"POST /2 HTTP/1.1\r\n" + _HOST + _BODY,
    b"POST /1 HTTP/1.1\r\n"
    + _HOST
    + _TRAILERS.replace(b"close", b"x")
    + b"GET /2 HTTP/1.1\r\n"
    + _HOST
    + b"\r\n",
    # What smugglers send
    b"POST / HTTP/1.1\r\n" + _HOST + b"content-length: 6\r\n" + _CHUNKS,
    b"POST / HTTP/1.1\r\n" + _HOST + b"content-length: 5\r\ncontent-length: 50\r\n\r\nhello",
    b"POST / HTTP/1.1\r\n" + _HOST + b"transfer-encoding: identity\r\n" + _CHUNKS,
    b"POST / HTTP/1.1\r\n" + _HOST + b"transfer-encoding : chunked\r\n" + _BODY,
    b"POST / HTTP/1.1\r\n" + _HOST + b"x: a\n" + _CHUNKS,
    b"POST / HTTP/1.1\r\n" + _HOST + b"x: a\r\n transfer-encoding: chunked\r\n" + _BODY,
    b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + _HOST + b"content-length: 30\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]

RESPONSES = [
    _OK + _BODY,
    _OK + b"content-type: text/plain\r\nset-cookie: a=b\r\nset-cookie: c=d\r\n" + _BODY,
    _OK + _CHUNKS,
    _OK + b'transfer-encoding: chunked\r\n\r\n3;a="b"\r\nhel\r\n2\r\nlo\r\n0\r\nx: y\r\n\r\n',
    _OK + _TRAILERS,
    _OK + b"connection: close\r\n" + _BODY,
    _OK + b"\r\nuntil the end",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n" + _BODY,
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\netag: x\r\ncontent-length: 5\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\n" + _BODY,
    b"HTTP/1.1 100 Continue\r\n\r\n" + _OK + _BODY,
    b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + _OK + _CHUNKS,
    b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    _OK + _BODY + _OK + _BODY,
    _OK + b"content-length: 6\r\n" + _CHUNKS,
    _OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
    _OK + b"transfer-encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    _OK + b"x: a\r\n b\r\n" + _BODY,
]

# fmt: off
TOKENS = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b"\r\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x0c", b"\x7f",
    b"\x80", b"\xff", b":", b"::", b";", b",", b"=", b'"', b"/", b"?", b"#", b"\\", b"%00", b"%0d%0a",
    b"..", b"*", b"@", b"0", b"1", b"5", b"00", b"-1", b"+5", b"0x5", b"5 ", b"5,5", b"f",
    b"FFFFFFFFFFFFFFFF", b"18446744073709551616", b"9" * 30, b"chunked", b"Chunked", b"chunked, chunked",
    b"gzip", b"identity", b"close", b"keep-alive", b"upgrade", b"100-continue", b"trailers", b"HTTP/1.1",
    b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"RTSP/1.0", b"GET", b"POST", b"HEAD", b"CONNECT", b"OPTIONS",
    b"0\r\n\r\n", b"5\r\nhello\r\n", b"content-length: 5\r\n", b"content-length: 0\r\n",
    b"Content-Length : 5\r\n", b"transfer-encoding: chunked\r\n", b"transfer-encoding:\tchunked\r\n",
    b"connection: close\r\n", b"connection: content-length\r\n", b"connection: upgrade\r\nupgrade: x\r\n",
    b"expect: 100-continue\r\n", b"host: b\r\n", b"Host:\r\n", b"te: trailers\r\n",
    b"GET /smuggled HTTP/1.1\r\nhost: b\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b" chunked", b"x" * 300, b"x: " + b"y" * 9000, b"a: b\r\n" * 120,
]
# fmt: on
