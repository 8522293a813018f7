"""The page as text: one file, nothing fetched, and names that stay text."""

from __future__ import annotations

import json
import re

from clearway.pprof import Frame, Label, Sample
from clearway.pprof.flame import page
from clearway.pprof.flame.tree import tree
from tests.profiles.examples import HEAP, LOAD, MAIN, PARSE, SAVE, heap

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def test_the_page_holds_all_that_it_needs() -> None:
    text = page(HEAP, "heap")

    assert "default-src 'none'" in text
    assert not re.findall(r"""(?:src|href)=["']?(?!data:)[^"' ]""", text.replace("xlink:href", ""))
    assert "@import" not in text
    assert "url(" not in text
    assert "{{" not in text


def test_the_data_is_the_profile() -> None:
    found = DATA.search(page(HEAP, "heap"))

    assert found is not None
    assert json.loads(found[1]) == json.loads(json.dumps(tree(HEAP)))


def test_names_cannot_leave_their_place() -> None:
    odd = "</script><b>&{{library}}"
    text = page(heap(Sample((Frame(odd, odd, 1),), (1, 1), (Label(odd, odd),))), odd)

    assert text.count("</script>") == 3
    assert "<title>&lt;/script&gt;&lt;b&gt;&amp;{{library}}</title>" in text


def test_stacks_share_what_they_have_in_common() -> None:
    found = tree(
        heap(Sample((LOAD, MAIN), (1, 10)), Sample((PARSE, LOAD, MAIN), (2, 20)), Sample((), (3, 30)))
    )

    assert found["functions"] == [frame[:2] for frame in (MAIN, LOAD, PARSE)]
    assert found["nodes"] == [0, 0, 1, 1, 2, 2]
    assert found["samples"] == [[2, [], [1, 10]], [3, [], [2, 20]], [0, [], [3, 30]]]


def test_a_parent_comes_before_its_children() -> None:
    nodes = tree(HEAP)["nodes"]

    assert all(parent <= place for place, parent in enumerate(nodes[::2]))
    assert SAVE[:2] in tree(HEAP)["functions"]


def test_a_number_is_a_label_with_its_unit() -> None:
    assert tree(HEAP)["labels"] == [("tenant", "acme"), ("bytes", "2048 bytes"), ("tenant", "globex")]
