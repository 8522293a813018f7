"""The index page, for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from string import Template

from clearway import __version__
from clearway.pprof.collector import Collector
from clearway.pprof.errors import PprofError

__all__ = ["index_page"]

_PAGE = Path(__file__).with_name("index.html")
# The commands to type, most asked first; NAME of the profile, and what it is for.
_COMMANDS = (
    ("heap", "", "What holds memory?"),
    ("profile", "?seconds=10", "Where does the CPU go?"),
    ("tasks", "", "What waits, and for what?"),
)


def index_page(lookup: Callable[[str], Collector], names: Sequence[str], base: str) -> str:
    """Return the page that lists the profiles; `base` is where the client sees us."""
    page = Template(_PAGE.read_text(encoding="utf-8"))
    rows = "\n".join(_row(name, lookup) for name in names)
    return page.substitute(
        title=escape(f"profiles of process {os.getpid()}"),
        pid=os.getpid(),
        version=escape(__version__),
        program=escape(" ".join(sys.orig_argv)[:500]),
        python=escape(sys.version.partition(" ")[0]),
        rows=rows,
        commands="\n".join(_command(each, base) for each in _COMMANDS if each[0] in names),
    )


def _row(name: str, lookup: Callable[[str], Collector]) -> str:
    shown = escape(name)
    try:
        collector = lookup(name)
    except (PprofError, ImportError) as error:
        why = escape(f"not here: {error}")
        return f'<tr class="absent"><th>{shown}</th><td></td><td>{why}</td><td></td></tr>'
    links = " ".join(_links(shown, collector))
    count = _count(collector)
    return (
        f'<tr><th><a href="{shown}" title="profile.proto, for go tool pprof">{shown}</a></th>'
        f'<td class="count">{count}</td><td>{escape(collector.description)}</td><td>{links}</td></tr>'
    )


def _links(name: str, collector: Collector) -> Iterator[str]:
    if collector.seconds is not None:
        yield f'<a href="{name}?seconds=5&amp;debug=1">5 s as text</a>'
        return
    yield f'<a href="{name}?debug=1">text</a>'
    yield f'<a href="{name}?debug=2">in full</a>'
    yield f'<a href="{name}?seconds=5&amp;debug=1">5 s difference</a>'


def _count(collector: Collector) -> str:
    """Return how much a profile holds, where its collector knows that without collecting it."""
    count = getattr(collector, "count", None)
    if not callable(count):
        return ""
    try:
        return f"{count():,}"
    except PprofError:
        return ""


def _command(command: tuple[str, str, str], base: str) -> str:
    name, query, what = command
    if base.startswith("unix:"):
        lines = [f"clearway pprof top {base}:/debug/pprof/{name}{query}"]
    else:
        url = f"{base}/debug/pprof/{name}{query}"
        lines = [f"go tool pprof -http=: '{url}'", f"clearway pprof top '{url}'"]
    shown = "".join(f"<pre><code>{escape(line)}</code></pre>" for line in lines)
    return f"<h3>{escape(what)}</h3>{shown}"
