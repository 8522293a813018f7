"""Count requests, and tell Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from clearway.plug.conn import Conn, Sent
from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.exposition import CONTENT_TYPE
from clearway.plug.plugs.parts.options import number, one_of, whole
from clearway.plug.plugs.parts.readings import Read, Readings
from clearway.plug.plugs.parts.request_families import NAMES, request_families
from clearway.plug.plugs.parts.series import OTHER, SeriesTable

__all__ = ["Metrics", "MetricsEndpoint", "MetricsStatistics"]

# A gateway adds well under a millisecond and an upstream takes up to seconds: three buckets per decade.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MAX_OUTCOMES = 32  # our own words; a bound in case that somebody makes them up per request
PIECE = 32  # texts in one piece; a histogram is one, so about 0.5 ms
AT_ONCE = 100  # series that are rendered in one go


class MetricsStatistics(NamedTuple):
    """What a `Metrics` holds.

    Attributes:
        in_flight: Requests that have begun and not ended.
        series: Combinations of route, method and status seen so far.
    """

    in_flight: int
    series: int


class Metrics:
    """Count requests by route, method and status, with durations, bytes and outcomes.

        metrics = Metrics()
        app = Pipeline(metrics, ..., Router(get("/metrics", MetricsEndpoint(metrics)), ...))

    It makes `clearway_requests_total`, `clearway_request_duration_seconds` (a histogram),
    `clearway_response_bytes_total`, `clearway_requests_in_flight` and `clearway_request_outcomes_total`.

    Options:
        buckets: Upper bounds of the histogram's buckets, in seconds.
        status: `"code"` for a series per status, `"class"` for one per `2xx`, `3xx`, ...
        max_series: Combinations of route, method and status that are kept apart; the rest is `other`.

    Labels come from the configuration, never from the client: a route is its template, an unknown method is
    `other`.
    The numbers are those of one worker process.
    """

    def __init__(
        self,
        *,
        buckets: Sequence[float] = BUCKETS_S,
        status: str = "code",
        max_series: int = 1000,
    ) -> None:
        self._table = SeriesTable(
            bounds=_checked_bounds(buckets),
            by_class=one_of("status", status, ("class", "code")) == "class",
            max_series=whole("max_series", max_series),
        )
        self._outcomes: dict[str, int] = {}
        self._in_flight = 0
        self._readings = Readings(taken=NAMES)
        self._register_own()

    def __call__(self, conn: Conn) -> Conn:
        self._in_flight += 1
        return conn.register_after_send(self._record)

    def register_gauge(self, name: str, meaning: str, read: Read, labels: Iterable[str] = ()) -> None:
        """Show what `read()` returns at each scrape, as a gauge.

            metrics.register_gauge("clearway_connections", "Open connections.", server.connections)
            metrics.register_gauge("clearway_pool_idle", "Idle.", lambda: {("api",): 3}, labels=["upstream"])

        With `labels`, `read` returns a mapping from tuples of label values to numbers.
        """
        self._readings.register(name, "gauge", meaning, read, tuple(labels))

    def register_counter(self, name: str, meaning: str, read: Read, labels: Iterable[str] = ()) -> None:
        """Show what `read()` returns at each scrape, as a counter; its name ends in `_total`."""
        if not name.endswith("_total"):
            raise PlugOptionError(f"counter {name!r} must end in _total")
        self._readings.register(name, "counter", meaning, read, tuple(labels))

    def unregister(self, name: str) -> None:
        """Show a registered metric no longer."""
        self._readings.unregister(name)

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield what `render` returns in pieces, so that an event loop can do something else in between."""
        piece: list[str] = []
        for text in chain(request_families(self._table.rows(), self._table.bounds), self._readings.render()):
            piece.append(text)
            if len(piece) == PIECE:
                yield "".join(piece).encode()
                piece.clear()
        if piece:
            yield "".join(piece).encode()

    def statistics(self) -> MetricsStatistics:
        """Return what is held."""
        return MetricsStatistics(self._in_flight, len(self._table))

    def __repr__(self) -> str:
        return f"<Metrics {self._in_flight} in flight, {len(self._table)} series>"

    def _record(self, conn: Conn, sent: Sent) -> None:
        size, duration_s, outcome = sent
        self._in_flight -= 1
        self._table.add(conn.route, conn.method, conn.status, duration_s, size)
        if outcome not in self._outcomes and len(self._outcomes) >= MAX_OUTCOMES:
            outcome = OTHER
        self._outcomes[outcome] = self._outcomes.get(outcome, 0) + 1

    def _register_own(self) -> None:
        self.register_gauge(
            "clearway_requests_in_flight", "Requests that have begun and not ended.", lambda: self._in_flight
        )
        self.register_counter(
            "clearway_request_outcomes_total",
            "How responses have ended.",
            lambda: {(outcome,): count for outcome, count in self._outcomes.items()},
            labels=["outcome"],
        )
        self.register_counter(
            "clearway_metrics_read_errors_total",
            "Registered metrics that could not be read.",
            lambda: self._readings.failed,
        )


class MetricsEndpoint:
    """Answer with the metrics, and halt.

        router = Router(get("/metrics", MetricsEndpoint(metrics)), ...)

    A long text is sent in pieces, with a turn of the event loop between them: a scrape delays nobody.

    Options:
        metrics: What to show.

    It asks for no credentials: serve it where only those come who may read it.
    """

    __slots__ = ("_metrics",)

    def __init__(self, metrics: Metrics) -> None:
        if not isinstance(metrics, Metrics):
            raise PlugOptionError(f"MetricsEndpoint shows a Metrics, not {metrics!r}")
        self._metrics = metrics

    def __call__(self, conn: Conn) -> Conn:
        if self._metrics.statistics().series <= AT_ONCE:
            return conn.send_resp(200, self._metrics.render(), CONTENT_TYPE).halt()
        return conn.send_resp(200, _paced(self._metrics.pieces()), CONTENT_TYPE).halt()

    def __repr__(self) -> str:
        return f"MetricsEndpoint({self._metrics!r})"


async def _paced(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)


def _checked_bounds(buckets: Sequence[float]) -> tuple[float, ...]:
    bounds = tuple(number("buckets", bound) for bound in buckets)
    if not bounds or list(bounds) != sorted(set(bounds)):
        raise PlugOptionError(f"buckets must be ascending numbers of seconds, not {buckets!r}")
    return bounds
