"""The Python that a page of the reference shows is run, from the page's first line to its last."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT

# Pages whose snippets stand for themselves; those of the guides are files in examples/.
PAGES = ("plugs.md", "http.md")
FENCE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_the_snippets_of_a_page_are_true(name: str) -> None:
    names: dict[str, object] = {}
    snippets = FENCE.findall((ROOT / "docs" / "reference" / name).read_text())

    for snippet in snippets:
        exec(compile(snippet, name, "exec"), names)
    assert all("assert " in snippet for snippet in snippets)
