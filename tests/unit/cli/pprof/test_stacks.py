"""`clearway pprof peek`, `traces` and `flame`."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.shell import shell

PEEK = """\
3 samples were lost
Type: inuse_space
Time: 2023-11-14 22:13:20 UTC
----------------------------------------------------------+-------------
      flat   flat%    sum%        cum    cum%  calls calls% + context
----------------------------------------------------------+-------------
                                            5.46kB   100% |   main /srv/shop/app.py
                                              500B  8.93% |   Orders.save /srv/shop/orders.py
    1.46kB  17.45%  17.45%     5.46kB  65.10%             | Orders.load /srv/shop/orders.py
                                               4kB 73.20% |   parse /srv/shop/wire.py
                                              500B  8.93% |   Orders.save /srv/shop/orders.py
----------------------------------------------------------+-------------
"""
TRACES = """\
3 samples were lost
Type: inuse_space
Time: 2023-11-14 22:13:20 UTC
Showing 2 of 4 stacks
-----------+-------------------------------------------------------
    tenant:  acme
     bytes:  2kB
       4kB   parse /srv/shop/wire.py:7
             Orders.load /srv/shop/orders.py:41
             main /srv/shop/app.py:12
-----------+-------------------------------------------------------
    tenant:  globex
    2.93kB   Orders.save /srv/shop/orders.py:90
             main /srv/shop/app.py:12
-----------+-------------------------------------------------------
"""


def test_callers_stand_above_and_callees_below(heap_file: str) -> None:
    assert shell("pprof", "peek", heap_file, "load") == (0, PEEK, "")


def test_traces_are_whole_stacks(heap_file: str) -> None:
    assert shell("pprof", "traces", heap_file, "-n", "2") == (0, TRACES, "")


def test_a_flame_graph_is_one_file(heap_file: str, tmp_path: Path) -> None:
    out = tmp_path / "heap.html"
    done = shell("pprof", "flame", heap_file, "-o", str(out))

    assert done == (0, "", f"wrote {out}: 4 stacks; open it in a browser\n")
    assert "Orders.load" in out.read_text()


def test_a_flame_graph_may_go_to_standard_output(heap_file: str) -> None:
    done = shell("pprof", "flame", heap_file, "-o", "-", "--sample-index", "inuse_objects")

    assert done.out.startswith("<!doctype html>")
    assert '"first":0,' in done.out
