"""Header lines, in C: look-ups, the copy with one line more, and what is refused."""

from __future__ import annotations

import sys

import pytest

from clearway.plug import Headers
from clearway.plug._values import Lines

COOKIES = Headers(((b"host", b"a"), (b"set-cookie", b"1"), (b"vary", b"x"), (b"set-cookie", b"2")))


def fresh(text: str) -> bytes:
    """Return bytes that no other object shares."""
    return b"".join([text[:1].encode(), text[1:].encode()])


@pytest.mark.parametrize(
    "wrong",
    [
        [(b"a", b"b")],
        ((b"a",),),
        ((b"a", b"b", b"c"),),
        ((b"a", "b"),),
        (("a", b"b"),),
        ([b"a", b"b"],),
        ((b"a", bytearray(b"b")),),
        (b"ab",),
        None,
    ],
)
def test_lines_are_made_of_pairs_of_bytes_alone(wrong: object) -> None:
    with pytest.raises(TypeError, match="a tuple of pairs of bytes"):
        Lines(wrong)  # type: ignore[arg-type]


def test_lines_take_one_argument() -> None:
    with pytest.raises(TypeError):
        Lines((), ())  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Lines(raw=())  # type: ignore[call-arg]


def test_lines_can_not_be_assigned() -> None:
    with pytest.raises(AttributeError):
        COOKIES.raw = ()  # type: ignore[misc]


def test_the_first_value_is_found_by_what_the_name_says() -> None:
    assert COOKIES.get_raw(fresh("set-cookie")) == b"1"
    assert COOKIES.get_raw(b"set-cooki") is None
    assert COOKIES.get_raw(b"") is None
    assert Headers().get_raw(b"host") is None


@pytest.mark.parametrize("name", ["host", None, 7, bytearray(b"host")])
def test_a_name_is_bytes(name: object) -> None:
    with pytest.raises(TypeError):
        COOKIES.get_raw(name)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        COOKIES.is_repeated(name)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        COOKIES.put_raw(name, b"x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        COOKIES.put_raw(b"x", name)  # type: ignore[arg-type]


def test_a_name_is_repeated_when_two_lines_have_it() -> None:
    assert COOKIES.is_repeated(fresh("set-cookie"))
    assert not COOKIES.is_repeated(b"host")
    assert not COOKIES.is_repeated(b"absent")


def test_putting_takes_the_place_of_the_first_line_and_drops_the_others() -> None:
    assert COOKIES.put_raw(fresh("set-cookie"), b"3").raw == (
        (b"host", b"a"),
        (b"set-cookie", b"3"),
        (b"vary", b"x"),
    )
    assert COOKIES.put_raw(b"host", b"b").raw == ((b"host", b"b"), *COOKIES.raw[1:])
    assert COOKIES.put_raw(b"x", b"y").raw == (*COOKIES.raw, (b"x", b"y"))
    assert COOKIES.put_raw(b"x", b"y").__class__ is Headers


def test_joining_keeps_beside_each_other_only_what_may_stand_so() -> None:
    ours = Headers(((b"vary", b"y"), (b"set-cookie", b"3")))

    assert COOKIES.joined(ours, frozenset([b"set-cookie"])).raw == (
        (b"host", b"a"),
        (b"set-cookie", b"1"),
        (b"set-cookie", b"2"),
        (b"vary", b"y"),
        (b"set-cookie", b"3"),
    )
    assert COOKIES.joined(ours, frozenset()).raw == ((b"host", b"a"), *ours.raw)
    assert COOKIES.joined(Headers(), frozenset()) is COOKIES
    assert Headers().joined(ours, frozenset()) == ours


@pytest.mark.parametrize("wrong", [(), (COOKIES,), (COOKIES, [b"a"]), (COOKIES.raw, frozenset())])
def test_joining_takes_lines_and_a_set(wrong: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        COOKIES.joined(*wrong)  # type: ignore[arg-type,call-arg]


def test_lines_hold_and_release_what_they_are_made_of() -> None:
    name, value = fresh("x-held"), fresh("value")
    before = sys.getrefcount(name), sys.getrefcount(value)

    held = [COOKIES.put_raw(name, value).joined(COOKIES, frozenset()) for _ in range(50)]
    del held
    for _ in range(50):
        with pytest.raises(TypeError):
            COOKIES.put_raw(name, None)  # type: ignore[arg-type]

    assert (sys.getrefcount(name), sys.getrefcount(value)) == before
