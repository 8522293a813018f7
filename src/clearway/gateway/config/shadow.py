"""Routes that no request can reach, because an earlier one takes everything that they would take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from clearway.gateway.config.routes import RouteConfig
from clearway.plug.pattern import Pattern

__all__ = ["covers", "shadowed"]


def shadowed(routes: Sequence[RouteConfig]) -> Iterator[tuple[int, int]]:
    """Yield `(index, by)` for each route that is never reached and the first earlier one that hides it."""
    for index, route in enumerate(routes):
        by = next((i for i, earlier in enumerate(routes[:index]) if _hides(earlier, route)), None)
        if by is not None:
            yield index, by


def _hides(earlier: RouteConfig, later: RouteConfig) -> bool:
    return (
        covers(Pattern.compile(earlier.path), Pattern.compile(later.path))
        and _methods_cover(earlier.methods, later.methods)
        and _host_covers(earlier.host, later.host)
        and earlier.headers.items() <= later.headers.items()
    )


def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Tell whether every path that fits `narrow` fits `wide`; False where that is hard to tell."""
    count = len(wide.segments)
    if wide.glob is None and (narrow.glob is not None or len(narrow.segments) != count):
        return False
    if len(narrow.segments) < count:
        return False
    return all(map(_segment_covers, wide.segments, narrow.segments))


def _segment_covers(wide: Any, narrow: Any) -> bool:
    if isinstance(wide, str):
        return bool(wide == narrow)
    if isinstance(narrow, str):
        return wide.value(narrow) is not None
    return bool(narrow.prefix.startswith(wide.prefix) and narrow.suffix.endswith(wide.suffix))


def _methods_cover(wide: list[str] | None, narrow: list[str] | None) -> bool:
    if wide is None:
        return True
    taken = {*wide, "HEAD"} if "GET" in wide else set(wide)
    return narrow is not None and taken.issuperset(narrow)


def _host_covers(wide: str | None, narrow: str | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    wide, narrow = wide.lower(), narrow.lower()
    return wide == narrow or (wide.startswith("*.") and narrow.endswith(wide[1:]))
