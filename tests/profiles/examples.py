"""A small heap profile that tests know by heart."""

from __future__ import annotations

from clearway.pprof import Frame, Label, Profile, Sample, ValueType

__all__ = ["HEAP", "LOAD", "MAIN", "PARSE", "SAVE", "heap"]

MAIN = Frame("main", "/srv/shop/app.py", 12, 10)
LOAD = Frame("Orders.load", "/srv/shop/orders.py", 41, 38)
PARSE = Frame("parse", "/srv/shop/wire.py", 7, 5)
SAVE = Frame("Orders.save", "/srv/shop/orders.py", 90, 80)

ACME, EMPTY = Label("tenant", "acme"), Label("tenant", "")
SIZE = Label("bytes", 2048, "bytes")


def heap(*samples: Sample) -> Profile:
    """Return a heap profile of `samples`."""
    return Profile(
        sample_types=(ValueType("inuse_objects", "count"), ValueType("inuse_space", "bytes")),
        samples=samples,
        period_type=ValueType("space", "bytes"),
        period=524_288,
        time_ns=1_700_000_000_000_000_000,
        default_sample_type="inuse_space",
        comments=("3 samples were lost",),
    )


HEAP = heap(
    Sample((PARSE, LOAD, MAIN), (2, 4096), (ACME, SIZE)),
    Sample((LOAD, MAIN), (10, 1000), (ACME,)),
    Sample((SAVE, MAIN), (3, 3000), (Label("tenant", "globex"),)),
    Sample((LOAD, SAVE, LOAD, MAIN), (1, 500)),
)
