"""Chunked bodies that break RFC 9112 section 7.1: `(what, body)`; each is 400 and ends the connection."""

from __future__ import annotations

__all__ = ["REFUSED_CHUNKS"]

END = b"\r\nhello\r\n0\r\n\r\n"

REFUSED_CHUNKS: list[tuple[str, bytes]] = [
    ("space after the size", b"5 " + END),
    ("tab after the size", b"5\t" + END),
    ("space before the size", b" 5" + END),
    ("size with 0x", b"0x5" + END),
    ("size with a sign", b"+5" + END),
    ("size below zero", b"-5" + END),
    ("size that is no number", b"g" + END),
    ("size that is missing", END),
    ("size beyond 64 bits", b"FFFFFFFFFFFFFFFFF" + END),
    ("NUL after the size", b"5\0" + END),
    ("size in full-width digits", "\uff15".encode() + END),
    ("bare LF after the size", b"5\nhello\r\n0\r\n\r\n"),
    ("bare CR after the size", b"5\rhello\r\n0\r\n\r\n"),
    ("CR CR LF after the size", b"5\r" + END),
    ("extension that is empty", b"5;" + END),
    ("extension behind a space", b"5 ;a" + END),
    ("extension with a bare LF", b"5;a\nhello\r\n0\r\n\r\n"),
    ("extension with a bare CR", b"5;a\rb" + END),
    ("extension with a control", b"5;\x01" + END),
    ("data longer than its size", b"5\r\nhelloXX\r\n0\r\n\r\n"),
    ("data not followed by CRLF", b"5\r\nhello0\r\n\r\n"),
    ("data followed by a bare LF", b"5\r\nhello\n0\r\n\r\n"),
    ("data followed by a bare CR", b"5\r\nhello\r0\r\n\r\n"),
    ("bare LF after the last chunk", b"5\r\nhello\r\n0\n\n"),
    ("bare LF at the end", b"5\r\nhello\r\n0\r\n\n"),
    ("trailer with a space before the colon", b"5\r\nhello\r\n0\r\nx : y\r\n\r\n"),
    ("trailer that is folded", b"5\r\nhello\r\n0\r\nx: a\r\n b\r\n\r\n"),
    ("trailer with a bare CR", b"5\r\nhello\r\n0\r\nx: a\rb\r\n\r\n"),
    ("trailer with a bare LF", b"5\r\nhello\r\n0\r\nx: a\ny: b\r\n\r\n"),
    ("trailer that is a length", b"5\r\nhello\r\n0\r\ncontent-length: 5\r\n\r\n"),
    ("trailer that is a coding", b"5\r\nhello\r\n0\r\ntransfer-encoding: chunked\r\n\r\n"),
]
