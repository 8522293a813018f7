"""What a guide shows works: its configurations are the files in examples/, and those are good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clearway.cli.check import summary
from clearway.gateway import parse_gateway
from tests.house.source import ROOT, short

EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ENVIRON = {"JWT_SECRET": "a-secret-of-more-than-thirty-two-bytes"}
ROUTE = '\n[[routes]]\npath = "/login"\nrespond = {}\n'
GROUP = '\n[[groups.login]]\nuse = "request_id"\n'


def shown(page: Path) -> list[str]:
    return FENCE.findall(page.read_text())


@pytest.mark.parametrize("path", EXAMPLES, ids=short)
def test_an_example_is_good_and_draws_no_warning(path: Path) -> None:
    gateway = parse_gateway(path.read_text(), path.name, path.parent, ENVIRON)
    gateway.close()

    assert gateway.warnings == ()


@pytest.mark.parametrize("path", EXAMPLES, ids=short)
def test_an_example_is_shown_by_a_page(path: Path) -> None:
    assert path.read_text().startswith(f"# {short(path)}\n")
    assert any(path.read_text() in shown(page) for page in PAGES)


def test_the_first_guide_shows_what_check_prints() -> None:
    path = ROOT / "examples" / "first-gateway.toml"
    printed = "\n".join(summary(parse_gateway(path.read_text()).config))

    assert f"gateway.toml: OK\n{printed}\n" in (ROOT / "docs" / "guides" / "first-gateway.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_a_configuration_on_a_page_is_an_example_or_is_good_by_itself(page: Path) -> None:
    for text in shown(page):
        if text.startswith("# examples/"):
            assert text == (ROOT / text.split()[1]).read_text()
            continue
        text += "" if "[[routes]]" in text else ROUTE
        text += GROUP if '"login"' in text and "[[groups.login]]" not in text else ""
        parse_gateway(text, short(page), ROOT / "examples", ENVIRON).close()
