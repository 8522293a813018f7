"""What a process held, on the disk, before the kernel kills it for want of memory."""

from __future__ import annotations

from clearway.pprof.black_box.box import BlackBox, BlackBoxStatistics

__all__ = ["BlackBox", "BlackBoxStatistics"]
