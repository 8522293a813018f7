"""The only reader of time: everything else takes a clock as an argument and defaults to one of these.

The names are the standard library's own functions, not wrappers around them, because the request path reads
the clock and a Python frame costs more than the reading.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, monotonic_ns, thread_time_ns, time

__all__ = ["Clock", "monotonic", "monotonic_ns", "thread_time_ns", "wall"]

Clock = Callable[[], float]
"""A function of no arguments that returns seconds."""

wall: Clock = time
"""Seconds since the epoch; may jump. For dates in logs and tokens."""
