"""The page itself: the template with data, style and scripts put in."""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files

from clearway.pprof.flame.tree import tree
from clearway.pprof.profile import Profile

__all__ = ["page"]

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page(profile: Profile, title: str) -> str:
    """Return an HTML page that shows `profile` as a flame graph.

        Path("heap.html").write_text(page(profile, "heap of the orders service"))

    It holds all that it needs and asks no network for anything, which its content security policy states.
    Frames can be searched and zoomed into; sample types, labels and lines are chosen in the page.
    """
    ours, theirs = files("clearway.pprof.flame"), files("clearway.pprof").joinpath("_vendor")
    parts = {
        "title": html.escape(title),
        "style": theirs.joinpath("flamegraph.min.css").read_text() + ours.joinpath("flame.css").read_text(),
        "library": theirs.joinpath("flamegraph.min.js").read_text(),
        "script": ours.joinpath("flame.js").read_text(),
        "data": _in_script(json.dumps(tree(profile), separators=(",", ":"))),
    }
    return _PLACE.sub(lambda place: parts[place[1]], ours.joinpath("flame.html").read_text())


def _in_script(data: str) -> str:
    """Return JSON that no HTML parser takes for the end of its script, or for a comment."""
    return data.replace("<", "\\u003c")
