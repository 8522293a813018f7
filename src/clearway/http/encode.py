"""Heads as bytes on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

__all__ = ["LAST_CHUNK", "chunk", "content_length", "fields", "http_date", "last_chunk", "status_line"]

LAST_CHUNK = b"0\r\n\r\n"


@lru_cache(maxsize=1024)
def status_line(status: int) -> bytes:
    """Return `HTTP/1.1 200 OK` with its line end."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


def fields(raw: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return header lines."""
    return b"".join([b"%b: %b\r\n" % pair for pair in raw])


@lru_cache(maxsize=1024)
def content_length(size: int) -> bytes:
    """Return the Content-Length line of a body of `size` bytes."""
    return b"content-length: %d\r\n" % size


def chunk(data: bytes) -> bytes:
    """Return `data` as one chunk of the chunked coding (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk(trailers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the end of a chunked body."""
    lines = fields(trailers)
    return b"0\r\n%b\r\n" % lines if lines else LAST_CHUNK


@lru_cache(maxsize=2)
def http_date(second: int) -> bytes:
    """Return the Date header line for a second since the epoch."""
    return f"date: {formatdate(second, usegmt=True)}\r\n".encode()
