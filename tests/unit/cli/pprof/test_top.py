"""`clearway pprof top` and `diff` print what `go tool pprof -top` prints."""

from __future__ import annotations

import pytest

from tests.unit.cli.shell import shell

TOP = """\
3 samples were lost
Type: inuse_space
Time: 2023-11-14 22:13:20 UTC
Showing 4 of 4 functions: 8.39kB, 100% of 8.39kB total
      flat   flat%    sum%        cum    cum%
       4kB  47.65%  47.65%        4kB  47.65%  parse /srv/shop/wire.py
    2.93kB  34.90%  82.55%     3.42kB  40.72%  Orders.save /srv/shop/orders.py
    1.46kB  17.45%    100%     5.46kB  65.10%  Orders.load /srv/shop/orders.py
         0      0%    100%     8.39kB    100%  main /srv/shop/app.py
"""
DIFF = """\
3 samples were lost
Type: inuse_space
Time: 2023-11-14 22:13:20 UTC
Showing 3 of 3 functions: 3.42kB, 68.68% of 4.98kB total
      flat   flat%    sum%        cum    cum%
    2.93kB  58.87%  58.87%     3.42kB  68.68%  Orders.save /srv/shop/orders.py
      500B   9.81%  68.68%       500B   9.81%  Orders.load /srv/shop/orders.py
         0      0%  68.68%     3.42kB  68.68%  main /srv/shop/app.py
"""


def functions(*args: str) -> list[str]:
    """Return the names in the table that a command prints."""
    done = shell("pprof", *args)
    assert (done.code, done.err) == (0, "")
    table = done.out.partition("cum%\n")[2]
    return [line.split()[5] for line in table.splitlines()]


def test_top_is_as_go_has_it(heap_file: str) -> None:
    assert shell("pprof", "top", heap_file) == (0, TOP, "")


def test_a_profile_may_come_from_standard_input(heap_file: str) -> None:
    with open(heap_file, "rb") as file:
        assert shell("pprof", "top", "-", stdin=file.read()).out == TOP


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-n", "2"], ["parse", "Orders.save"]),
        (["--cum"], ["main", "Orders.load", "parse", "Orders.save"]),
        (["--sample-index", "inuse_objects"], ["Orders.load", "Orders.save", "parse", "main"]),
        (["--focus", "save"], ["Orders.save", "Orders.load", "main"]),
        (["--tag", "tenant=globex"], ["Orders.save", "main"]),
        (["--tag", "tenant=globex", "--tag", "tenant=acme", "-n", "1"], ["parse"]),
        (["--tag", "tenant=nobody"], []),
    ],
)
def test_options_choose_what_is_shown(heap_file: str, options: list[str], expected: list[str]) -> None:
    assert functions("top", heap_file, *options) == expected


def test_shares_are_of_the_whole_profile(heap_file: str) -> None:
    out = shell("pprof", "top", heap_file, "--tag", "tenant=acme").out

    assert "Showing 3 of 3 functions: 4.98kB, 59.28% of 8.39kB total\n" in out


def test_a_difference_has_shares_of_what_was_before(half_file: str, heap_file: str) -> None:
    assert shell("pprof", "diff", half_file, heap_file) == (0, DIFF, "")


def test_what_shrank_is_negative(half_file: str, heap_file: str) -> None:
    out = shell("pprof", "diff", heap_file, half_file).out

    assert "Duration: 1.5s\n" in out
    assert "   -2.93kB -34.90% -34.90%    -3.42kB -40.72%  Orders.save /srv/shop/orders.py\n" in out


def test_a_profile_and_itself_have_no_difference(heap_file: str) -> None:
    assert functions("diff", heap_file, heap_file) == []
