"""Numbers for people, written as `go tool pprof` writes them."""

from __future__ import annotations

__all__ = ["percent", "scaled", "when"]

_BYTES = (("B", 1), ("kB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40))
_TIMES = (("ns", 1), ("us", 10**3), ("ms", 10**6), ("s", 10**9), ("mins", 60 * 10**9), ("hrs", 3600 * 10**9))
_SCALES = {
    "bytes": (1, _BYTES),
    "nanoseconds": (1, _TIMES),
    "microseconds": (10**3, _TIMES),
    "milliseconds": (10**6, _TIMES),
    "seconds": (10**9, _TIMES),
}
_NS_IN_S = 10**9
_WHOLE = 99.95  # a share that is shown as 100 %


def scaled(value: int, unit: str) -> str:
    """Return `value` in the largest unit of its kind that leaves at least one: 4kB, 1.5s, 17."""
    factor, scale = _SCALES.get(unit, (1, (("", 1),)))
    amount = value * factor
    if not amount:
        return "0"
    name, size = next((each for each in reversed(scale) if abs(amount) >= each[1]), scale[0])
    return f"{amount / size:.2f}".rstrip("0").rstrip(".") + name


def percent(part: int, whole: int) -> str:
    """Return what share `part` is of `whole`."""
    share = 100 * part / whole if whole else 0.0
    if _WHOLE <= abs(share) <= 200 - _WHOLE:
        return f"{round(share)}%"
    return f"{share:.2f}%" if abs(share) >= 1 else f"{share:.2g}%"


def when(time_ns: int) -> str:
    """Return a time since the epoch as a date."""
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time_ns // _NS_IN_S))
