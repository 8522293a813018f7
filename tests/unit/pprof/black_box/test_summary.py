"""The page of text says where memory stood and who holds it."""

from __future__ import annotations

from clearway.pprof import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.black_box.gauge import Reading
from clearway.pprof.black_box.summary import summary

SPACE = ValueType("inuse_space", "bytes")
STACK = (
    Frame("keep", "cache.py", 41),
    Frame("handle", "app.py", 9),
    Frame("run", "a.py", 1),
    Frame("m", "m.py", 2),
)
HEAP = Profile(
    (ValueType("inuse_objects", "count"), SPACE),
    (
        Sample(STACK, (1, 60 << 20), (Label("route", "/orders"),)),
        Sample(STACK, (1, 20 << 20), (Label("route", "/orders"),)),
        Sample((Frame("small", "s.py", 1),), (1, 1 << 10)),
    ),
    SPACE, 1, 0, comments=("RSS 100.0 MiB: ...",),
)  # fmt: skip


def test_it_shows_who_holds_memory_and_under_which_labels() -> None:
    lines = summary("process 1", Reading(100 << 20, 0.8, "125.0 MiB of memory"), HEAP, None, []).splitlines()

    assert lines == [
        "process 1",
        "RSS 100.0 MiB, 80.0% of 125.0 MiB of memory",
        "RSS 100.0 MiB: ...",
        "",
        "Held, by where it was allocated (sampled):",
        "      80.0 MiB  in all",
        "      80.0 MiB  keep cache.py:41 < handle app.py:9 < run a.py:1  [route=/orders]",
    ]


def test_it_says_what_is_missing() -> None:
    text = summary("process 1", Reading(0, 0.8, "x"), None, None, ["heap: MemoryError: "])

    assert "not written: heap: MemoryError" in text
