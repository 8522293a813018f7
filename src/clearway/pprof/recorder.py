"""Switching a black box on."""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearway.pprof.black_box.box import BlackBox

__all__ = ["blackbox"]

KEEP = 20  # folders of processes that are gone
# A child that only makes way for another program is gone by then, and leaves nothing on the disk.
SETTLE_S = 1.0


def blackbox(
    directory: str | os.PathLike[str],
    at_rss: str | float = "80%",
    *,
    ring: int = 10,
    ring_s: float = 60.0,
    reserve_bytes: int = 8 << 20,
    heap_period: int | None = None,
    in_children: bool = False,
) -> BlackBox:
    """Write what this process holds to `directory` when its memory comes near the limit.

        from clearway import pprof

        pprof.blackbox("/var/lib/app/blackbox")

    The limit is that of the control group, or the machine's memory where there is none, or RLIMIT_AS where
    that is nearer. At `at_rss` of it, `heap.pb.gz`, `tasks.pb.gz` and `summary.txt` are written and synced,
    again after each further 5 %, and anew once memory has fallen by 10 %.

    Options:
        directory: Each process has a folder there, named by time and process.
        at_rss: A share of the limit (`"80%"`, `0.8`), or a size of this process alone (`"512MiB"`).
        ring: Heap profiles that are kept on the disk besides, for a death that nothing announced.
        ring_s: Seconds between two of them.
        reserve_bytes: Memory that is held, and let go to write with.
        heap_period: Mean bytes between two samples of the heap.
        in_children: Whether a forked child gets a box of its own, a second after the fork. Otherwise it
            records nothing until it asks for one.

    A process that ends without having reached the mark leaves nothing behind.
    The limit: code that fills memory without giving the GIL up, in one call of C, can be faster.
    """
    wanted = Wanted(os.fspath(directory), at_rss, ring, ring_s, reserve_bytes, heap_period)
    box = _open(wanted)
    if in_children:
        _in_children.append((box, wanted))
        _hook()
    return box


class Wanted(NamedTuple):
    """What `blackbox` was asked for, as a forked child asks it again."""

    directory: str
    at_rss: str | float
    ring: int
    ring_s: float
    reserve_bytes: int
    heap_period: int | None


_in_children: list[tuple[BlackBox, Wanted]] = []


def _open(wanted: Wanted, settle_s: float = 0.0) -> BlackBox:
    from clearway.clock import wall
    from clearway.pprof.always_on import Rates, switch_on
    from clearway.pprof.black_box.box import BlackBox
    from clearway.pprof.black_box.folders import folder_for, remove_old
    from clearway.pprof.black_box.gauge import Gauge
    from clearway.pprof.black_box.mark import Mark, parse_mark
    from clearway.pprof.registry import lookup

    share, limit = parse_mark(wanted.at_rss)
    switch_on(Rates(heap_period=wanted.heap_period))
    os.makedirs(wanted.directory, mode=0o700, exist_ok=True)
    remove_old(wanted.directory, KEEP)
    box = BlackBox(
        folder_for(wanted.directory, os.getpid(), wall()),
        Mark(share),
        Gauge(limit),
        lookup,
        ring=wanted.ring,
        ring_s=wanted.ring_s,
        reserve_bytes=wanted.reserve_bytes,
        settle_s=settle_s,
    )
    atexit.register(box.stop)
    return box


@cache
def _hook() -> None:
    os.register_at_fork(after_in_child=_begin_anew)


def _begin_anew() -> None:
    """Give a forked child the boxes of its parent that go on in children."""
    from clearway.pprof.web.talk import say

    inherited = _in_children[:]
    _in_children.clear()
    for parent, wanted in inherited:
        try:
            if not parent.is_stopped:
                _in_children.append((_open(wanted, SETTLE_S), wanted))
        except OSError as error:
            say(f"process {os.getpid()} has no black box: {error}")
