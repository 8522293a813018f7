"""Invariant: what split_path returns names each segment in the one way in which everybody would read it."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from clearway.plug import RequestError
from clearway.plug.path import split_path

# Pieces that two parsers are known to read differently, between ordinary ones.
PIECES = st.sampled_from(
    [*"/a.;%\\# \t\U0001f680é", "//", "..", "%2e", "%2E", "%2f", "%5c", "%00", "%3b", "%25", "%0a", "%c3%a9",
     "%c0%ae"]
)  # fmt: skip
HOSTILE = st.lists(PIECES, max_size=10).map("".join)
SEGMENTS = st.text(min_size=1, max_size=6)


def split(path: str) -> tuple[str, ...] | None:
    try:
        return split_path(path)
    except RequestError:
        return None


@given(HOSTILE | st.text(max_size=12) | st.text("/.%25eE;\\", max_size=12))
def test_nothing_ambiguous_passes(path: str) -> None:
    for segment in split(path) or ():
        assert segment
        assert segment.partition(";")[0] not in (".", "..")
        assert not set(segment) & set("/\\\0\r\n\t\x7f")


@given(HOSTILE | st.text(max_size=12))
def test_writing_the_segments_out_again_gives_the_same_segments(path: str) -> None:
    segments = split(path)

    if segments is not None:
        assert split_path("/" + "/".join(quote(segment, safe="") for segment in segments)) == segments


@given(st.lists(SEGMENTS, max_size=4))
def test_every_segment_that_is_no_trick_can_be_asked_for(segments: list[str]) -> None:
    try:
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    except UnicodeEncodeError:  # half a surrogate pair has no UTF-8
        return

    found = split(path)

    tricks = any(
        segment.partition(";")[0] in (".", "..")
        or any(char in "/\\" or ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in segment)
        for segment in segments
    )
    assert found == (None if tricks else tuple(segments))


@given(st.lists(st.text("abc.~-_;=", min_size=1, max_size=3), max_size=4), st.booleans())
def test_the_quick_way_and_the_careful_way_agree(segments: list[str], trailing: bool) -> None:
    path = "/" + "/".join(segments) + "/" * trailing

    careful = split(path.replace("a", "%61"))

    assert split(path) == careful
