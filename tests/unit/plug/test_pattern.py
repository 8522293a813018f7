"""Path patterns: what they fit, what they take out, and what is no pattern."""

from __future__ import annotations

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.pattern import Pattern


@pytest.mark.parametrize(
    ("template", "path", "params"),
    [
        ("/", "/", {}),
        ("/", "/a", None),
        ("/a/b", "/a/b", {}),
        ("/a/b/", "/a/b", {}),
        ("/a/b", "/a", None),
        ("/a/b", "/a/c", None),
        ("/a/b", "/a/b/c", None),
        ("/:id", "/7", {"id": "7"}),
        ("/:id", "/", None),
        ("/orders/:id/lines/:line", "/orders/7/lines/2", {"id": "7", "line": "2"}),
        ("/:name.json", "/report.json", {"name": "report"}),
        ("/:name.json", "/report.xml", None),
        ("/:name.json", "/.json", None),
        ("/v:major", "/v2", {"major": "2"}),
        ("/v:major", "/v", None),
        ("/v:major.x", "/v2.x", {"major": "2"}),
        ("/ab:x.ba", "/aba.ba", {"x": "a"}),
        ("/aa:x", "/a", None),
        ("/static/*rest", "/static/css/a.css", {"rest": "css/a.css"}),
        ("/static/*rest", "/static", {"rest": ""}),
        ("/static/*rest", "/other", None),
        ("/:who/*rest", "/me/a/b", {"who": "me", "rest": "a/b"}),
        ("/:name.d/*rest", "/conf.d/a/b", {"name": "conf", "rest": "a/b"}),
        ("/*all", "/", {"all": ""}),
        (r"/\:x", "/:x", {}),
        (r"/\*", "/*", {}),
        ("/café", "/café", {}),
    ],
)
def test_a_pattern_gives_the_params_or_does_not_fit(
    template: str, path: str, params: dict[str, str] | None
) -> None:
    segments = [segment for segment in path.split("/") if segment]

    assert Pattern.compile(template).match(segments) == params


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("orders", "must begin with '/'"),
        ("", "must begin with '/'"),
        ("/:id/:id", "names a param twice"),
        ("/:id/*id", "names a param twice"),
        ("/:", "cannot read"),
        ("/:1st", "cannot read"),
        ("/:a:b", "cannot read"),
        ("/a*b", "cannot read"),
        ("/*rest/more", "cannot read"),
        ("/*", "cannot read"),
        ("/a/../b", "can match nothing"),
        ("/./b", "can match nothing"),
        ("/caf%C3%A9", "can match nothing"),
    ],
)
def test_what_is_no_pattern_is_refused_when_it_is_written(template: str, why: str) -> None:
    with pytest.raises(PlugOptionError, match=why):
        Pattern.compile(template)


def test_the_names_stand_in_the_order_of_the_path() -> None:
    assert Pattern.compile("/:who/v:major/*rest").names() == ["who", "major", "rest"]
