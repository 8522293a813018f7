"""If one pattern covers another, every path that fits the other fits it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from clearway.gateway.config.shadow import covers
from clearway.plug.pattern import Pattern

WORDS = ["a", "b", "v1", "v2", "a.json"]
PATHS = [path for length in range(5) for path in product(WORDS, repeat=length)]
SEGMENTS = st.sampled_from(["a", "b", "v1", ":p", "v:p", ":p.json", "a:p"])


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    words = draw(st.lists(SEGMENTS, max_size=3))
    numbered = [word.replace(":p", f":p{number}") for number, word in enumerate(words)]
    return Pattern.compile("/" + "/".join([*numbered, *(["*rest"] if draw(st.booleans()) else [])]))


@given(patterns(), patterns())
def test_what_fits_the_narrow_one_fits_the_wide_one(wide: Pattern, narrow: Pattern) -> None:
    if covers(wide, narrow):
        assert [path for path in PATHS if narrow.match(path) is not None and wide.match(path) is None] == []


@given(patterns())
def test_a_pattern_covers_itself(pattern: Pattern) -> None:
    assert covers(pattern, pattern)
