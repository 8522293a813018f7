# Time series of requests, as plain lists of numbers.
#
# Rule: what a client can choose does not become a label. Routes are templates, an unknown method is "other",
#       and past `max_series` everything is one more series whose labels all are "other".
#
# Theory of operation
# -------------------
# A series is a list: one count per bucket of the histogram, the sum of the durations, the sum of the bytes.
# A request finds its list by (route, method, status) as they are, and adds to three places of it. The names
# that people read are made once, when a list is made; sums over several lists, when somebody asks.
"""Requests counted by route, method and status, with a bounded number of series."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Labels", "SeriesTable"]

METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
OTHER = "other"
UNMATCHED = "unmatched"  # the route of a request that no route took
NONE = "none"  # the status of a request that ended before one was decided

Row = list[float]
_RawKey = tuple[str | None, str, int | None]


class Labels(NamedTuple):
    """What a series is called."""

    route: str
    method: str
    status: str


class SeriesTable:
    """Counts requests by route, method and status.

        table = SeriesTable(bounds=(0.1, 1.0), by_class=False, max_series=1000)
        table.add("/orders/:id", "GET", 200, 0.05, 1234)
        table.rows()        # [(Labels("/orders/:id", "GET", "200"), [1, 0, 0, 0.05, 1234])]

    Options:
        bounds: Upper bounds of the histogram's buckets, ascending, in seconds.
        by_class: Write the status as its class, `2xx`.
        max_series: Series kept; requests that would need one more are counted as `other`.
    """

    __slots__ = ("_by_class", "_max_series", "_rows", "_series", "bounds", "bytes_at", "sum_at")

    def __init__(self, *, bounds: Sequence[float], by_class: bool, max_series: int) -> None:
        self.bounds = tuple(bounds)
        self.sum_at = len(self.bounds) + 1
        self.bytes_at = len(self.bounds) + 2
        self._by_class = by_class
        self._max_series = max_series
        self._series: dict[Labels, Row] = {}
        self._rows: dict[_RawKey, Row] = {}  # the same rows, by what requests say; bounded as _series is

    def add(self, route: str | None, method: str, status: int | None, duration_s: float, size: int) -> None:
        """Count one request."""
        row = self._rows.get((route, method, status))
        if row is None:
            row = self._row(route, method, status)
        row[bisect_left(self.bounds, duration_s)] += 1
        row[self.sum_at] += duration_s
        row[self.bytes_at] += size

    def rows(self) -> list[tuple[Labels, Row]]:
        """Return every series, in the order in which they began."""
        return list(self._series.items())

    def _row(self, route: str | None, method: str, status: int | None) -> Row:
        labels = Labels(route or UNMATCHED, method if method in METHODS else OTHER, self._status(status))
        row = self._series.get(labels)
        if row is None:
            if len(self._series) >= self._max_series:
                labels = Labels(OTHER, OTHER, OTHER)
            row = self._series.setdefault(labels, [0] * (len(self.bounds) + 3))
        if method in METHODS and len(self._rows) < self._max_series * 4:
            self._rows[(route, method, status)] = row
        return row

    def _status(self, status: int | None) -> str:
        if status is None:
            return NONE
        return f"{status // 100}xx" if self._by_class else str(status)

    def __len__(self) -> int:
        return len(self._series)
