"""Header fields: an ordered multimap that no value can break out of."""

from __future__ import annotations

import pytest

from clearway.plug import Headers, InvalidHeaderError
from clearway.plug.headers import NO_HEADERS, encode_name, encode_value

SAMPLE = Headers.of(("Accept", "text/html"), ("set-cookie", "a=1"), ("x-end", "e"), ("set-cookie", "b=2"))


def test_names_are_looked_up_in_any_case() -> None:
    assert SAMPLE.get("ACCEPT") == SAMPLE.get("accept") == "text/html"
    assert "Accept" in SAMPLE
    assert "x-none" not in SAMPLE


def test_get_gives_the_first_line_and_get_all_every_line() -> None:
    assert SAMPLE.get("set-cookie") == "a=1"
    assert SAMPLE.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert SAMPLE.get_raw(b"set-cookie") == b"a=1"


def test_an_absent_name_gives_the_default() -> None:
    assert SAMPLE.get("x-none") is None
    assert SAMPLE.get("x-none", "-") == "-"
    assert SAMPLE.get_all("x-none") == []


def test_a_name_that_no_header_can_have_is_absent() -> None:
    assert SAMPLE.get("\u20ac") is None


def test_put_replaces_every_line_in_the_place_of_the_first() -> None:
    put = SAMPLE.put("set-cookie", "c=3")

    assert list(put.items()) == [("accept", "text/html"), ("set-cookie", "c=3"), ("x-end", "e")]


def test_put_of_a_new_name_goes_last() -> None:
    assert list(SAMPLE.put("X-New", "n").items())[-1] == ("x-new", "n")


def test_add_keeps_the_lines_that_are_there() -> None:
    assert SAMPLE.add("set-cookie", "c=3").get_all("set-cookie") == ["a=1", "b=2", "c=3"]


def test_delete_removes_every_line_of_every_name() -> None:
    assert list(SAMPLE.delete("Set-Cookie", "x-end", "x-none").items()) == [("accept", "text/html")]


def test_a_name_on_two_lines_is_repeated() -> None:
    assert SAMPLE.is_repeated(b"set-cookie")
    assert not SAMPLE.is_repeated(b"accept")
    assert not SAMPLE.is_repeated(b"x-none")
    assert not Headers.of(("a", "1")).is_repeated(b"a")


def test_a_writer_leaves_the_original_as_it_was() -> None:
    before = SAMPLE.raw

    SAMPLE.put("accept", "x")
    SAMPLE.add("accept", "x")
    SAMPLE.delete("accept")

    assert SAMPLE.raw is before
    assert SAMPLE.get("accept") == "text/html"


def test_headers_are_equal_by_their_lines() -> None:
    assert Headers.of(("A", "1")) == Headers.of(("a", "1"))
    assert hash(Headers.of(("A", "1"))) == hash(Headers.of(("a", "1")))
    assert Headers.of(("a", "1"), ("b", "2")) != Headers.of(("b", "2"), ("a", "1"))
    assert NO_HEADERS != ()
    assert len(SAMPLE) == 4
    assert list(NO_HEADERS) == []


def test_a_repr_names_fields_and_hides_values() -> None:
    assert repr(Headers.of(("authorization", "secret"))) == "<Headers authorization>"


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\x00b", "\x1b[0m", "a\x7f"])
def test_a_value_with_a_control_is_refused_by_every_writer(value: str) -> None:
    for write in (SAMPLE.put, SAMPLE.add, lambda name, bad: Headers.of((name, bad))):
        with pytest.raises(InvalidHeaderError, match="control character"):
            write("x-a", value)


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\n", "é", "a\x00", "(a)", "\u212a"])
def test_a_name_that_is_no_token_is_refused_by_every_writer(name: str) -> None:
    for write in (SAMPLE.put, SAMPLE.add, lambda bad, value: Headers.of((bad, value))):
        with pytest.raises(InvalidHeaderError, match="not a token"):
            write(name, "v")
    with pytest.raises(InvalidHeaderError, match="not a token"):
        SAMPLE.delete(name)


def test_a_value_beyond_latin_1_is_refused() -> None:
    with pytest.raises(InvalidHeaderError, match="cannot carry"):
        encode_value("x-a", "price: 5 €")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("plain", b"plain"),
        ("  padded\t", b"padded"),
        ("tab\tinside", b"tab\tinside"),
        ("caf\xe9", b"caf\xe9"),
        ("nbsp\xa0", b"nbsp\xa0"),
        ("", b""),
    ],
)
def test_a_value_is_stripped_and_encoded(value: str, encoded: bytes) -> None:
    assert encode_value("x-a", value) == encoded


def test_a_refused_value_is_quoted_in_part_only() -> None:
    with pytest.raises(InvalidHeaderError) as raised:
        encode_value("x-a", "\n" + "s" * 1000)

    assert len(str(raised.value)) < 200


def test_a_name_is_lower_cased() -> None:
    assert encode_name("X-Request-ID") == b"x-request-id"
