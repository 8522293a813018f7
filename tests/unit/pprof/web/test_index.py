"""The index page tells a person what there is and what to type."""

from __future__ import annotations

import re

from clearway.pprof import Collector, UnavailableError
from clearway.pprof.web.index import index_page
from tests.unit.pprof.web.collectors import Beans


def page(base: str = "http://127.0.0.1:6060") -> str:
    beans = {"heap": Beans(), "profile": Beans("profile", seconds=30.0)}
    beans["heap"].held = 41_208

    def lookup(name: str) -> Collector:
        if name not in beans:
            raise UnavailableError("not in this <build>")
        return beans[name]

    return index_page(lookup, ["heap", "profile", "wall"], base)


def test_each_profile_stands_there_with_count_description_and_links() -> None:
    text = page()

    assert "Types of profiles available" in text
    assert "41,208" in text
    assert "All heap &lt;there&gt; are." in text
    for link in ("heap", "heap?debug=1", "heap?debug=2", "heap?seconds=5&amp;debug=1", "cmdline"):
        assert f'<a href="{link}"' in text


def test_a_profile_that_is_recorded_has_no_link_to_a_snapshot() -> None:
    assert '"profile?debug=1"' not in page()
    assert '"profile?seconds=5&amp;debug=1"' in page()


def test_a_profile_that_cannot_be_had_says_why() -> None:
    assert "not here: not in this &lt;build&gt;" in page()


def test_the_commands_have_the_real_address() -> None:
    assert "go tool pprof -http=: &#x27;http://127.0.0.1:6060/debug/pprof/heap&#x27;" in page()
    assert "clearway pprof top unix:/run/p.sock:/debug/pprof/heap" in page("unix:/run/p.sock")


def test_a_base_that_a_client_made_up_is_text_and_no_markup() -> None:
    assert "<script>" not in page("http://<script>alert(1)</script>")


def test_the_page_fetches_nothing() -> None:
    assert not re.findall(r"(?:src=|@import|url\()", page())
