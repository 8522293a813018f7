"""Switching a black box on."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearway.pprof.black_box.box import BlackBox

__all__ = ["blackbox"]

KEEP = 20  # folders of processes that are gone


def blackbox(
    directory: str | os.PathLike[str],
    at_rss: str | float = "80%",
    *,
    ring: int = 10,
    ring_s: float = 60.0,
    reserve_bytes: int = 8 << 20,
    heap_period: int | None = None,
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

    A process that ends without having reached the mark leaves nothing behind.
    A forked child records nothing until it asks for a black box of its own.
    The limit: code that fills memory without giving the GIL up, in one call of C, can be faster.
    """
    from clearway.clock import wall
    from clearway.pprof.always_on import Rates, switch_on
    from clearway.pprof.black_box.box import BlackBox
    from clearway.pprof.black_box.folders import folder_for, remove_old
    from clearway.pprof.black_box.gauge import Gauge
    from clearway.pprof.black_box.mark import Mark, parse_mark
    from clearway.pprof.registry import lookup

    share, limit = parse_mark(at_rss)
    switch_on(Rates(heap_period=heap_period))
    os.makedirs(directory, mode=0o700, exist_ok=True)
    remove_old(os.fspath(directory), KEEP)
    folder = folder_for(os.fspath(directory), os.getpid(), wall())
    box = BlackBox(
        folder, Mark(share), Gauge(limit), lookup, ring=ring, ring_s=ring_s, reserve_bytes=reserve_bytes
    )
    atexit.register(box.stop)
    return box
