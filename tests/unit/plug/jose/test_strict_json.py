"""A document that two parsers could read differently is not read at all."""

from __future__ import annotations

import pytest

from clearway.plug.jose.strict_json import MAX_DEPTH, MAX_NUMBER_CHARS, loads, loads_object


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (b'{"a": {"b": [1, 2.5, true, null, "x"]}}', {"a": {"b": [1, 2.5, True, None, "x"]}}),
        (b' \t\r\n{"a":1} ', {"a": 1}),
        (b'{"a": 1, "b": {"a": 1}}', {"a": 1, "b": {"a": 1}}),
        (b'"\\ud83d\\ude80"', "🚀"),
        ('"é"'.encode(), "é"),
        (b"1e300", 1e300),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
        (b'["' + b"[" * 1000 + b'"]', ["[" * 1000]),
        (b'["\\"' + b"[" * 1000 + b'"]', ['"' + "[" * 1000]),
        (b"[" + b",".join([b"[]"] * 100) + b"]", [[]] * 100),
    ],
)
def test_plain_json_is_read(document: bytes, value: object) -> None:
    assert value is None or loads(document) == value


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b'{"a": 1, "a": 1}', "repeated"),
        (b'{"a": 1, "\\u0061": 2}', "repeated"),
        (b'{"x": [{"a": 1, "a": 2}]}', "repeated"),
        (b"NaN", "finite"),
        (b"Infinity", "finite"),
        (b"[-Infinity]", "finite"),
        (b"1e400", "finite"),
        (b"-1e400", "finite"),
        (b"1" * (MAX_NUMBER_CHARS + 1), "too long"),
        (b"0." + b"1" * MAX_NUMBER_CHARS, "finite"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deep"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "deep"),
        (b"[" * 100_000, "deep"),
        (b'"\\ud800"', "Unicode"),
        (b'{"\\udfff": 1}', "Unicode"),
        (b'"\xff"', "Unicode"),
        (b'"\xed\xa0\x80"', "Unicode"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "Unicode"),
        ('{"a": 1}'.encode("utf-16-le"), "not JSON"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'"a\nb"', "not JSON"),
        (b'{"a": 1} // comment', "not JSON"),
    ],
)
def test_anything_else_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loads(document)


@pytest.mark.parametrize("document", [b"[]", b'"a"', b"1", b"null", b"true"])
def test_what_must_be_an_object_is_one(document: bytes) -> None:
    with pytest.raises(ValueError, match="object"):
        loads_object(document)


def test_the_error_does_not_quote_the_document() -> None:
    with pytest.raises(ValueError, match="not JSON") as caught:
        loads(b'{"k": "hunter2"')

    assert "hunter2" not in repr(caught.value)
    assert caught.value.__suppress_context__
