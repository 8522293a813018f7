"""Switching on what is collected all the time."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import NamedTuple

from clearway.pprof.errors import UnavailableError

__all__ = ["Rates", "switch_on"]

log = logging.getLogger("clearway.pprof")


class Rates(NamedTuple):
    """How much is collected all the time; None leaves a profile as it is.

    Attributes:
        heap_period: Mean bytes between two samples of the heap; 0 for no heap profile.
        block_rate: Mean nanoseconds of waiting between two samples of `block`.
        mutex_fraction: One of so many contended locks is sampled for `mutex`.
        created_sites: Whether tasks remember where they were created.
    """

    heap_period: int | None = None
    block_rate: int | None = None
    mutex_fraction: int | None = None
    created_sites: bool | None = None


def switch_on(rates: Rates) -> None:
    """Begin to collect; the heap at its default rate unless it is told otherwise.

    What this Python cannot collect is logged and left out: the program goes on without it.
    """
    if rates.heap_period is None:
        _call("clearway.pprof.heap", "start")
    elif rates.heap_period > 0:
        _call("clearway.pprof.heap", "start", period_bytes=rates.heap_period)
    _call("clearway.pprof.threadcreate", "start")
    if rates.block_rate is not None:
        _call("clearway.pprof.block", "set_block_rate", rates.block_rate)
    if rates.mutex_fraction is not None:
        _call("clearway.pprof.block", "set_mutex_fraction", rates.mutex_fraction)
    if rates.created_sites is not None:
        _call("clearway.pprof.tasks", "record_created_sites", rates.created_sites)


def _call(module: str, function: str, *values: object, **named: object) -> None:
    try:
        getattr(import_module(module), function)(*values, **named)
    except (ImportError, OSError, UnavailableError) as error:
        log.warning("%s is not collected: %s", module.rpartition(".")[2], error)
