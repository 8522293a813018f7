"""Base64url has one spelling for each value, and no other is read."""

from __future__ import annotations

import pytest

from clearway.plug.jose.base64url import decode, encode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", b""),
        (b"f", b"Zg"),
        (b"fo", b"Zm8"),
        (b"foo", b"Zm9v"),
        (b"\xfb\xff", b"-_8"),
        (b"\0" * 3, b"AAAA"),
    ],
)
def test_both_ways_agree(data: bytes, text: bytes) -> None:
    assert encode(data) == text
    assert decode(text) == data


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"Zg==", id="padding"),
        pytest.param(b"Zg=", id="half of the padding"),
        pytest.param(b"Zm9v=", id="padding that is not needed"),
        pytest.param(b"Zm 9v", id="space inside"),
        pytest.param(b" Zm9v", id="space before"),
        pytest.param(b"Zm9v\n", id="line break after"),
        pytest.param(b"+/8", id="alphabet of plain base64"),
        pytest.param(b"-/8", id="mixed alphabets"),
        pytest.param(b"Zm9?", id="foreign character"),
        pytest.param(b"Zm9vZ", id="length that no bytes have"),
        pytest.param(b"Z", id="one character"),
        pytest.param(b"AB", id="unused bits set, one byte"),
        pytest.param(b"AAB", id="unused bits set, two bytes"),
        pytest.param("Zmüv".encode(), id="not ASCII"),
        pytest.param(b"Zm9v\0", id="NUL"),
    ],
)
def test_any_other_spelling_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode(text)
