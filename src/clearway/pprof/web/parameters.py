"""What a request for a profile asks: the query, read and checked."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple
from urllib.parse import parse_qs

from clearway.pprof.collector import Collector
from clearway.pprof.errors import BadParameterError

__all__ = ["MOST_SECONDS", "Parameters", "read_parameters"]

MOST_SECONDS = 3600.0  # a recording that nobody fetches for longer was forgotten
_FLAG = {"0": False, "1": True}


class Parameters(NamedTuple):
    """A query, read.

    Attributes:
        debug: 0 for profile.proto, 1 and 2 for text.
        gc: Whether garbage is collected first.
        seconds: How long to record; None for what is known now.
    """

    debug: int = 0
    gc: bool = False
    seconds: float | None = None


def read_parameters(query: str, collector: Collector) -> Parameters:
    """Return what `query` asks of `collector`; raise `BadParameterError` that says what is allowed."""
    allowed = ["debug", "seconds"] if collector.seconds is not None else ["debug", "gc", "seconds"]
    given = parse_qs(query, keep_blank_values=True)
    for name, values in given.items():
        if name not in allowed:
            raise BadParameterError(
                f"there is no parameter {name!r}", hint=f"{collector.name} takes {', '.join(allowed)}"
            )
        if len(values) > 1:
            raise BadParameterError(f"{name} is given {len(values)} times", hint="give it once")
    text = {name: values[0] for name, values in given.items()}
    return Parameters(
        debug=_debug(text.get("debug", "0")),
        gc=_gc(text.get("gc", "0")),
        seconds=_seconds(text["seconds"]) if "seconds" in text else collector.seconds,
    )


def _debug(text: str) -> int:
    if text not in ("0", "1", "2"):
        raise BadParameterError(
            f"debug cannot be {text!r}", hint="0 for profile.proto, 1 for text, 2 for text in full"
        )
    return int(text)


def _gc(text: str) -> bool:
    if text not in _FLAG:
        raise BadParameterError(f"gc cannot be {text!r}", hint="1 to collect garbage first, 0 not to")
    return _FLAG[text]


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not isfinite(seconds) or not 0 < seconds <= MOST_SECONDS:
        raise BadParameterError(
            f"seconds cannot be {text!r}", hint=f"a number above 0, at most {MOST_SECONDS:g}"
        )
    return seconds
