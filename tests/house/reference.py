"""What docs/reference says, as words that a test can look for."""

from __future__ import annotations

import re
from functools import cache

from tests.house.source import ROOT

REFERENCE = ROOT / "docs" / "reference"

FENCE = re.compile(r"^ *(```|~~~)[^\n]*\n(.*?)^ *\1", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
WORD = re.compile(r"--[a-z][a-z0-9-]*|[A-Za-z_][A-Za-z0-9_]*(?:-[a-z0-9]+)*")
# A key of the configuration stands alone in its code span (`listen`, `server.listen`, `listen = "…"`),
# or in a fence at the beginning of a line or of a table's name ([server], [[routes]]).
KEY_IN_SPAN = re.compile(r"^\[*(?:[\w<>*-]+\.)*([a-z_]\w*)\]*(?:\s*=.*)?$", re.DOTALL)
KEY_IN_FENCE = re.compile(r"^[# ]*(?:\[+|[{,])?(?:[\w-]+\.)*([a-z_]\w*)(?:\]+| *=)", re.MULTILINE)
KEY_IN_INLINE_TABLE = re.compile(r"[{,]\s*([a-z_]\w*) *=")


@cache
def text() -> str:
    """Return the whole reference; an empty one when no page is written."""
    return "\n".join(page.read_text() for page in sorted(REFERENCE.glob("**/*.md")))


@cache
def code() -> str:
    """Return what the reference shows as code: fences, spans and headings; prose does not count."""
    prose = FENCE.sub("", text())
    return "\n".join([*fences(), *spans(prose), *HEADING.findall(prose)])


@cache
def words() -> frozenset[str]:
    """Return every word of the reference's code: names, options of commands, header names."""
    return frozenset(WORD.findall(code()))


@cache
def config_keys() -> frozenset[str]:
    """Return every configuration key that the reference names as one."""
    alone = [found[1] for span in spans(FENCE.sub("", text())) if (found := KEY_IN_SPAN.match(span.strip()))]
    shown = [key for block in fences() for key in KEY_IN_FENCE.findall(block)]
    inline = [key for block in fences() for key in KEY_IN_INLINE_TABLE.findall(block)]
    return frozenset([*alone, *shown, *inline])


def fences() -> list[str]:
    """Return the inside of each fenced block."""
    return [block for _, block in FENCE.findall(text())]


def spans(prose: str) -> list[str]:
    """Return the inside of each code span."""
    return [span for _, span in SPAN.findall(prose)]
