"""Which samples a filter keeps."""

from __future__ import annotations

import pytest

from clearway.pprof import BadParameterError
from clearway.pprof.filters import focused, labelled
from tests.profiles.examples import HEAP


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("parse", [0]),
        ("^Orders", [0, 1, 2, 3]),
        ("save$", [2, 3]),
        ("wire.py", [0]),
        ("nothing", []),
        ("", [0, 1, 2, 3]),
    ],
)
def test_a_pattern_looks_at_functions_and_files(pattern: str, kept: list[int]) -> None:
    assert focused(HEAP, pattern).samples == tuple(HEAP.samples[place] for place in kept)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ([("tenant", "acme")], [0, 1]),
        ([("tenant", "acme"), ("tenant", "globex")], [0, 1, 2]),
        ([("tenant", "acme"), ("bytes", "2048")], [0]),
        ([("tenant", "acm")], []),
        ([("nothing", "")], []),
    ],
)
def test_labels_are_compared_whole(wanted: list[tuple[str, str]], kept: list[int]) -> None:
    assert labelled(HEAP, wanted).samples == tuple(HEAP.samples[place] for place in kept)


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(BadParameterError) as caught:
        focused(HEAP, "(")
    assert str(caught.value).startswith("'(' is not a regular expression: missing )")
