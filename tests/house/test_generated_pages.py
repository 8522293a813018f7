"""The tables in the reference are those that the code describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.docstring_tables import PLACE
from docs.generate import MARK, pages
from tests.house.source import short


@pytest.mark.parametrize(
    ("page", "text"), [*pages()], ids=lambda value: short(value) if isinstance(value, Path) else ""
)
def test_a_page_is_what_the_code_says(page: Path, text: str) -> None:
    assert MARK in page.read_text() or PLACE.search(page.read_text())
    assert page.read_text() == text, "run python -m docs.generate"
