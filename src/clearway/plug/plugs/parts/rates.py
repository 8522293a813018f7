"""Rates as people write them: `"100/s"`, `"1000/m"`, `50`."""

from __future__ import annotations

import re

from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.options import number

__all__ = ["parse_rate"]

_RATE = re.compile(r"(?P<count>\d+(?:\.\d+)?) ?/ ?(?P<unit>[a-z]+)")
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second"), 1),
    **dict.fromkeys(("m", "min", "minute"), 60),
    **dict.fromkeys(("h", "hour"), 3600),
    **dict.fromkeys(("d", "day"), 86400),
}
MAX_PER_SECOND = 1_000_000  # below a microsecond between two requests, the clock and not the rate decides


def parse_rate(rate: str | float) -> float:
    """Return requests per second; a bare number is per second already."""
    if isinstance(rate, str):
        found = _RATE.fullmatch(rate.strip().lower())
        if found is None or found["unit"] not in _SECONDS:
            raise PlugOptionError(
                f"rate {rate!r} is not a rate",
                hint='write "100/s", "1000/m", "5000/h" or a number per second',
            )
        per_second = number("rate", float(found["count"])) / _SECONDS[found["unit"]]
    else:
        per_second = number("rate", rate)
    if per_second > MAX_PER_SECOND:
        raise PlugOptionError(f"rate {rate!r} is above {MAX_PER_SECOND} per second, which no limit can hold")
    return per_second
