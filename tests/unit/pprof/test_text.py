"""Profiles as people read them."""

from __future__ import annotations

from dataclasses import replace

from clearway.pprof import Label, Sample, ValueType
from clearway.pprof.text import render
from tests.profiles.examples import ACME, HEAP, LOAD, MAIN, SIZE, heap

FOUR = tuple(
    ValueType(name, "bytes" if "space" in name else "count")
    for name in ("alloc_objects", "alloc_space", "inuse_objects", "inuse_space")
)
GO_HEAP = replace(
    heap(
        Sample((LOAD, MAIN), (2, 3000, 1, 2048), (ACME, SIZE)),
        Sample((LOAD, MAIN), (1, 1096, 0, 0), (ACME,)),
        Sample((MAIN,), (7, 700, 2, 9000)),
    ),
    sample_types=FOUR,
)


def test_a_heap_has_the_shape_that_go_gives_it() -> None:
    assert (
        render(GO_HEAP, debug=1)
        == """\
heap profile: 3: 11048 [10: 4796] @ space/524288
# 3 samples were lost

2: 9000 [7: 700] @
#\tmain\t/srv/shop/app.py:12

1: 2048 [3: 4096] @
# labels: {"tenant": "acme"}
#\tOrders.load\t/srv/shop/orders.py:41
#\tmain\t/srv/shop/app.py:12
"""
    )


def test_in_full_every_sample_stands_with_all_its_labels() -> None:
    assert (
        render(HEAP, debug=2)
        == """\
profile: inuse_objects 16, inuse_space 8596 bytes @ space/524288
# 3 samples were lost

inuse_objects 2, inuse_space 4096 bytes @
# labels: {"tenant": "acme", "bytes": "2048 bytes"}
parse
\t/srv/shop/wire.py:7
Orders.load
\t/srv/shop/orders.py:41
main
\t/srv/shop/app.py:12

inuse_objects 3, inuse_space 3000 bytes @
# labels: {"tenant": "globex"}
Orders.save
\t/srv/shop/orders.py:90
main
\t/srv/shop/app.py:12

inuse_objects 10, inuse_space 1000 bytes @
# labels: {"tenant": "acme"}
Orders.load
\t/srv/shop/orders.py:41
main
\t/srv/shop/app.py:12

inuse_objects 1, inuse_space 500 bytes @
Orders.load
\t/srv/shop/orders.py:41
Orders.save
\t/srv/shop/orders.py:90
Orders.load
\t/srv/shop/orders.py:41
main
\t/srv/shop/app.py:12
"""
    )


def test_an_empty_profile_has_a_head_alone() -> None:
    empty = replace(HEAP, samples=(), comments=(), period=0, duration_ns=2_500_000_000)

    assert render(empty, debug=1) == "profile: inuse_objects 0, inuse_space 0 bytes\n# duration: 2.5 s\n"


def test_what_grew_and_what_shrank_most_come_first() -> None:
    change = heap(Sample((LOAD,), (0, 10)), Sample((MAIN,), (-1, -500)), Sample((LOAD, MAIN), (1, 200)))

    lines = [line for line in render(change, debug=1).splitlines() if line.endswith("@")]
    assert lines == [
        "inuse_objects -1, inuse_space -500 bytes @",
        "inuse_objects 1, inuse_space 200 bytes @",
        "inuse_objects 0, inuse_space 10 bytes @",
    ]


def test_a_line_break_in_a_label_or_a_comment_does_not_break_the_text() -> None:
    odd = replace(heap(Sample((MAIN,), (1, 1), (Label("a", "b\nc"),))), comments=("one\ntwo",))

    assert '# labels: {"a": "b\\nc"}' in render(odd, debug=1).splitlines()
    assert render(odd, debug=1).splitlines()[1:3] == ["# one", "# two"]
