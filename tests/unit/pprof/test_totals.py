"""What a function has by itself and with its callees, and between whom it stands."""

from __future__ import annotations

from clearway.pprof.totals import Calls, Function, Total, calls, total, totals
from tests.profiles.examples import HEAP

MAIN, LOAD = Function("main", "/srv/shop/app.py"), Function("Orders.load", "/srv/shop/orders.py")
SAVE, PARSE = Function("Orders.save", "/srv/shop/orders.py"), Function("parse", "/srv/shop/wire.py")


def test_a_function_counts_once_per_sample() -> None:
    assert totals(HEAP, 1) == [
        Total(PARSE, 4096, 4096),
        Total(SAVE, 3000, 3500),
        Total(LOAD, 1500, 5596),
        Total(MAIN, 0, 8596),
    ]
    assert total(HEAP, 1) == 8596


def test_callers_and_callees_come_largest_first() -> None:
    assert calls(HEAP, 1, [LOAD]) == [
        Calls(
            Total(LOAD, 1500, 5596),
            callers=[(MAIN, 5596), (SAVE, 500)],
            callees=[(PARSE, 4096), (SAVE, 500)],
        )
    ]


def test_a_function_that_the_profile_lacks_has_no_calls() -> None:
    assert calls(HEAP, 1, [Function("nobody", "")]) == []
