"""Invariant: Headers behave as a plain list of (name, value) lines, whatever was done to them before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearway.plug import Headers, InvalidHeaderError
from clearway.plug.headers import encode_value

NAMES = st.sampled_from(["a", "b", "Set-Cookie", "set-cookie", "X-Long"])
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=4)
CONTROLS = {*range(0x20), 0x7F} - {0x09}
Lines = list[tuple[str, str]]
Step = tuple[str, str, str]
steps = st.lists(st.tuples(st.sampled_from(["put", "add", "delete", "look"]), NAMES, VALUES), max_size=12)


def in_list(lines: Lines, step: Step) -> Lines:
    """Do to a list of lines what `step` means."""
    verb, name, value = step
    name = name.lower()
    others = [line for line in lines if line[0] != name]
    if verb == "put" and len(others) < len(lines):
        at = [line[0] for line in lines].index(name)
        return [*lines[:at], (name, value), *[line for line in lines[at:] if line[0] != name]]
    if verb == "delete":
        return others
    return lines if verb == "look" else [*lines, (name, value)]


def in_headers(headers: Headers, step: Step) -> Headers:
    verb, name, value = step
    if verb == "delete":
        return headers.delete(name)
    if verb == "look":
        headers.get(name)
        return headers
    return headers.put(name, value) if verb == "put" else headers.add(name, value)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), steps)
def test_headers_are_a_list_of_lines(start: Lines, todo: list[Step]) -> None:
    lines = [(name.lower(), value) for name, value in start]
    headers = Headers.of(*start)

    for step in todo:
        lines, headers = in_list(lines, step), in_headers(headers, step)

        assert list(headers.items()) == lines
        for name in ("a", "b", "set-cookie", "x-long"):
            values = [value for field, value in lines if field == name]
            assert headers.get_all(name) == values
            assert headers.get(name) == (values[0] if values else None)
            assert (name in headers) == bool(values)
            assert headers.is_repeated(name.encode()) == (len(values) > 1)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), NAMES, VALUES, VALUES)
def test_the_laws_of_put_add_and_delete(start: Lines, name: str, one: str, two: str) -> None:
    headers = Headers.of(*start)

    assert headers.put(name, one).get_all(name) == [one]
    assert headers.put(name, one).put(name, two) == headers.put(name, two)
    assert headers.put(name, one).put(name, one) == headers.put(name, one)
    assert headers.delete(name).delete(name) == headers.delete(name)
    assert headers.add(name, one).delete(name) == headers.delete(name)
    assert headers.delete(name).add(name, one) == headers.delete(name).put(name, one)


@given(st.text(max_size=8))
def test_no_value_gets_out_of_its_line(value: str) -> None:
    try:
        encoded = encode_value("x", value)
    except InvalidHeaderError:
        return

    assert not any(byte in CONTROLS for byte in encoded)
    assert encoded.decode("latin-1") == value.strip(" \t")


@given(st.text(max_size=4), st.sampled_from("\r\n\0"), st.text(max_size=4))
def test_a_line_end_is_never_written(before: str, control: str, after: str) -> None:
    with pytest.raises(InvalidHeaderError):
        encode_value("x", before + control + after)
