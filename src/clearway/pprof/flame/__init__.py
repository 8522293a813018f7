"""A profile as one HTML file: a flame graph that works offline, in any browser."""

from __future__ import annotations

from clearway.pprof.flame.page import page

__all__ = ["page"]
