"""Requests become numbers that Prometheus can read; see tests/conformance for the format."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Any

import pytest

from clearway.plug import Conn, PlugOptionError, Sent
from clearway.plug.plugs import Metrics, MetricsEndpoint
from clearway.testing import body_of, conn

ENDED = Sent(10, 0.02, "complete")


def serve(metrics: Metrics, route: str = "/x", status: int = 200, ended: Sent = ENDED) -> None:
    """Do what a pipeline and an adapter do with one request."""
    done = metrics(conn("GET", "/")).put_route(route, {}).send_resp(status)
    for hook in done.after_send:
        hook(done, ended)


def lines(metrics: Metrics, name: str) -> list[str]:
    return [line for line in metrics.render().decode().splitlines() if line.startswith(name)]


def test_a_request_is_in_flight_until_it_has_ended() -> None:
    metrics = Metrics()
    done = metrics(conn("GET", "/"))
    assert metrics.statistics().in_flight == 1
    assert lines(metrics, "clearway_requests_total") == []

    for hook in done.after_send:
        hook(done, Sent(0, 0.0, "client_closed"))

    assert metrics.statistics().in_flight == 0
    assert lines(metrics, "clearway_requests_total") == [
        'clearway_requests_total{route="unmatched",method="GET",status="none"} 1'
    ]


def test_durations_and_bytes_are_summed_over_the_statuses_of_a_route() -> None:
    metrics = Metrics(buckets=[0.01, 0.1])
    serve(metrics, status=200, ended=Sent(10, 0.02, "complete"))
    serve(metrics, status=500, ended=Sent(5, 0.5, "complete"))

    assert lines(metrics, "clearway_requests_total") == [
        'clearway_requests_total{route="/x",method="GET",status="200"} 1',
        'clearway_requests_total{route="/x",method="GET",status="500"} 1',
    ]
    assert lines(metrics, "clearway_request_duration_seconds") == [
        'clearway_request_duration_seconds_bucket{route="/x",method="GET",le="0.01"} 0',
        'clearway_request_duration_seconds_bucket{route="/x",method="GET",le="0.1"} 1',
        'clearway_request_duration_seconds_bucket{route="/x",method="GET",le="+Inf"} 2',
        'clearway_request_duration_seconds_sum{route="/x",method="GET"} 0.52',
        'clearway_request_duration_seconds_count{route="/x",method="GET"} 2',
    ]
    assert lines(metrics, "clearway_response_bytes_total") == [
        'clearway_response_bytes_total{route="/x",method="GET"} 15'
    ]


def test_outcomes_are_counted_and_bounded() -> None:
    metrics = Metrics()
    for outcome in ["complete", "complete", "timeout", *(f"made up {n}" for n in range(100))]:
        serve(metrics, ended=Sent(0, 0.0, outcome))

    found = lines(metrics, "clearway_request_outcomes_total")
    assert found[:2] == [
        'clearway_request_outcomes_total{outcome="complete"} 2',
        'clearway_request_outcomes_total{outcome="timeout"} 1',
    ]
    assert len(found) == 33
    assert found[-1] == 'clearway_request_outcomes_total{outcome="other"} 70'


# Numbers of other parts


def test_other_parts_show_their_numbers() -> None:
    metrics = Metrics()
    metrics.register_gauge("clearway_connections", "Open connections.", lambda: 7)
    metrics.register_counter(
        "clearway_log_dropped_total", "Lost lines.", lambda: {("a", "x"): 1, ("b", "y"): 2.5}, ["log", "why"]
    )

    assert lines(metrics, "clearway_connections") == ["clearway_connections 7"]
    assert lines(metrics, "clearway_log_dropped_total") == [
        'clearway_log_dropped_total{log="a",why="x"} 1',
        'clearway_log_dropped_total{log="b",why="y"} 2.5',
    ]
    assert "# TYPE clearway_log_dropped_total counter" in metrics.render().decode()

    metrics.unregister("clearway_connections")
    metrics.unregister("clearway_connections")
    assert lines(metrics, "clearway_connections") == []


def test_a_reader_that_raises_is_counted_and_hides_nobody_else() -> None:
    def broken() -> float:
        raise RuntimeError("no pool")

    metrics = Metrics()
    metrics.register_gauge("a_broken", "Broken.", broken)
    metrics.register_gauge("a_whole", "Whole.", lambda: 1)
    metrics.register_gauge("a_wrong", "Wrong.", lambda: {("x",): 1})

    assert lines(metrics, "a_") == ["a_whole 1"]
    assert lines(metrics, "clearway_metrics_read_errors_total") == ["clearway_metrics_read_errors_total 2"]


@pytest.mark.parametrize(
    ("kind", "name", "labels", "says"),
    [
        ("gauge", "no name", [], "not a metric's name"),
        ("gauge", "1st", [], "not a metric's name"),
        ("gauge", "good", ["no-label"], "not a label's name"),
        ("gauge", "good", ["__reserved"], "not a label's name"),
        ("counter", "good", [], "_total"),
    ],
)
def test_a_name_that_prometheus_would_not_read_is_refused(
    kind: str, name: str, labels: list[str], says: str
) -> None:
    with pytest.raises(PlugOptionError, match=says):
        getattr(Metrics(), f"register_{kind}")(name, "It.", lambda: 1, labels)


@pytest.mark.parametrize("name", ["twice", "clearway_requests_total", "clearway_request_duration_seconds"])
def test_a_name_is_given_once(name: str) -> None:
    metrics = Metrics()
    if name == "twice":
        metrics.register_gauge(name, "It.", lambda: 1)

    with pytest.raises(PlugOptionError, match="already"):
        metrics.register_gauge(name, "It.", lambda: 1)


# The endpoint


def test_the_endpoint_shows_the_metrics_and_halts() -> None:
    metrics = Metrics()
    serve(metrics)
    done = MetricsEndpoint(metrics)(conn("GET", "/metrics"))

    assert (done.status, done.halted) == (200, True)
    assert done.resp_headers.get("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    assert body_of(done) == metrics.render()


def test_a_long_text_comes_in_pieces_between_which_the_loop_turns() -> None:
    metrics = Metrics()
    for number in range(200):
        serve(metrics, route=f"/{number}")
    done = MetricsEndpoint(metrics)(conn("GET", "/metrics"))
    assert isinstance(done.resp_body, AsyncIterable)

    async def read(body: AsyncIterable[bytes]) -> tuple[list[bytes], int]:
        turns = 0

        def turn() -> None:
            nonlocal turns
            turns += 1
            asyncio.get_running_loop().call_soon(turn)

        turn()
        return [piece async for piece in body], turns

    pieces, turns = asyncio.run(read(done.resp_body))
    assert b"".join(pieces) == metrics.render()
    assert b"" not in pieces, "an empty piece would end a chunked body"
    assert turns >= len(pieces) > 5


@pytest.mark.parametrize(
    "options",
    [
        {"buckets": []},
        {"buckets": [1, 1]},
        {"buckets": [2, 1]},
        {"buckets": [0]},
        {"status": "word"},
        {"max_series": 0},
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(PlugOptionError):
        Metrics(**options)


def test_an_endpoint_without_metrics_is_refused() -> None:
    with pytest.raises(PlugOptionError):
        MetricsEndpoint(Conn)  # type: ignore[arg-type]
