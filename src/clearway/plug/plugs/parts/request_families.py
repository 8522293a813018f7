"""The metrics of requests as text: totals, a histogram of durations, bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from clearway.plug.plugs.parts.exposition import head, labels, number, sample
from clearway.plug.plugs.parts.series import Labels, Row

__all__ = ["NAMES", "request_families"]

REQUESTS = "clearway_requests_total"
DURATION = "clearway_request_duration_seconds"
BYTES = "clearway_response_bytes_total"

NAMES = frozenset({REQUESTS, DURATION, BYTES, f"{DURATION}_bucket", f"{DURATION}_sum", f"{DURATION}_count"})
"""The names that are taken by these metrics."""

RouteLabels = tuple[str, str]


def request_families(rows: Sequence[tuple[Labels, Row]], bounds: Sequence[float]) -> Iterator[str]:
    """Yield the text of the requests' metrics, a series at a time.

    Totals are told by route, method and status; durations and bytes by route and method.
    """
    buckets = len(bounds) + 1
    yield head(REQUESTS, "counter", "Requests that have ended.")
    for named, row in rows:
        yield sample(REQUESTS, labels(named._asdict().items()), sum(row[:buckets]))
    by_route = _summed(rows)
    yield head(DURATION, "histogram", "Seconds from a request's first byte to the end of its response.")
    for name, row in by_route.items():
        yield _histogram(_route_labels(name), row[:buckets], row[buckets], bounds)
    yield head(BYTES, "counter", "Bytes of response bodies.")
    for name, row in by_route.items():
        yield sample(BYTES, _route_labels(name), row[buckets + 1])


def _histogram(label_text: str, counts: Sequence[float], total_s: float, bounds: Sequence[float]) -> str:
    lines = [
        sample(f"{DURATION}_bucket", f'{label_text},le="{number(bound)}"', count)
        for bound, count in zip((*bounds, math.inf), accumulate(counts), strict=True)
    ]
    lines.append(sample(f"{DURATION}_sum", label_text, total_s))
    lines.append(sample(f"{DURATION}_count", label_text, sum(counts)))
    return "".join(lines)


def _summed(rows: Iterable[tuple[Labels, Row]]) -> dict[RouteLabels, Row]:
    """Return the rows of each route and method added up over their statuses."""
    sums: dict[RouteLabels, Row] = {}
    for (route, method, _), row in rows:
        known = sums.get((route, method))
        sums[route, method] = (
            row[:] if known is None else [have + more for have, more in zip(known, row, strict=True)]
        )
    return sums


def _route_labels(name: RouteLabels) -> str:
    return labels(zip(("route", "method"), name, strict=True))
