"""RFC 7617: what is well-formed Basic, and what is only near it."""

from __future__ import annotations

from base64 import b64encode

import pytest

from clearway.plug.plugs.parts.basic_credentials import Credentials, parse_credentials


def basic(text: str | bytes, scheme: bytes = b"Basic ") -> bytes:
    return scheme + b64encode(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ("Aladdin", b"open sesame")),  # RFC 7617 section 2
        (b"Basic dGVzdDoxMjPCow==", ("test", b"123\xc2\xa3")),  # RFC 7617 section 2.1
        (basic("a:b:c"), ("a", b"b:c")),
        (basic(":"), ("", b"")),
        (basic(":b"), ("", b"b")),
        (basic("a:"), ("a", b"")),
        (basic("a:b", b"bAsIc "), ("a", b"b")),
        (basic("a:b", b"Basic    "), ("a", b"b")),
    ],
)
def test_well_formed_credentials_are_read(header: bytes, expected: tuple[str, bytes]) -> None:
    assert parse_credentials(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Basic",
        b"Basic ",
        b"Basic\t" + b64encode(b"a:b"),
        b"Basic a:b",
        basic("no colon"),
        basic(b"a:\xff"),
        basic("a\x00:b"),
        basic("a:b\n"),
        basic("a:b\x7f"),
        basic("a:bc").rstrip(b"="),
        basic("a:b") + b"=",
        basic("a:bc") + b"=",
        basic("a:b") + b" x",
        basic("a:b") + b"," + basic("c:d"),
        b"Basic " + b64encode(b"a:b??>").replace(b"+", b"-"),
        basic("a:b", b"Bearer "),
        basic("a:b", b"Basically "),
        basic("a:b", b"Basic"),
    ],
)
def test_anything_else_is_nobody(header: bytes) -> None:
    assert parse_credentials(header) is None


def test_credentials_do_not_show_the_password() -> None:
    assert "sesame" not in repr(Credentials("a", b"sesame"))
