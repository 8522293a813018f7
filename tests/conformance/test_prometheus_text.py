"""Our metrics, read by the parser of the Prometheus project's own client."""

from __future__ import annotations

import math

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from clearway.plug import Sent
from clearway.plug.plugs import Metrics
from clearway.testing import conn

NASTY = 'a "quoted" \\back\\slash\\n and a\nline feed, {braces} and caf\u00e9'


def serve(metrics: Metrics, route: str, status: int, duration_s: float, size: int) -> None:
    done = metrics(conn("GET", "/")).put_route(route, {}).send_resp(status)
    for hook in done.after_send:
        hook(done, Sent(size, duration_s, "complete"))


def read(metrics: Metrics) -> dict[str, Metric]:
    families = list(text_string_to_metric_families(metrics.render().decode()))
    assert len({family.name for family in families}) == len(families), "each family stands once"
    return {family.name: family for family in families}


@pytest.fixture
def metrics() -> Metrics:
    metrics = Metrics(buckets=[0.1, 1.0])
    serve(metrics, "/a", 200, 0.05, 100)
    serve(metrics, "/a", 404, 0.5, 10)
    serve(metrics, "/b", 200, 5.0, 1)
    return metrics


def test_every_family_has_its_kind_and_its_meaning(metrics: Metrics) -> None:
    metrics.register_gauge("clearway_open", NASTY, lambda: 1)
    families = read(metrics)

    assert {name: family.type for name, family in families.items()} == {
        "clearway_requests": "counter",
        "clearway_request_duration_seconds": "histogram",
        "clearway_response_bytes": "counter",
        "clearway_requests_in_flight": "gauge",
        "clearway_request_outcomes": "counter",
        "clearway_open": "gauge",
        "clearway_metrics_read_errors": "counter",
    }
    assert families["clearway_open"].documentation == NASTY
    assert all(family.documentation for family in families.values())


def test_counters_are_read_as_they_were_counted(metrics: Metrics) -> None:
    samples = read(metrics)["clearway_requests"].samples

    assert {(each.labels["route"], each.labels["status"]): each.value for each in samples} == {
        ("/a", "200"): 1,
        ("/a", "404"): 1,
        ("/b", "200"): 1,
    }


def test_a_histogram_is_cumulative_and_ends_in_infinity(metrics: Metrics) -> None:
    samples = [
        each
        for each in read(metrics)["clearway_request_duration_seconds"].samples
        if each.labels["route"] == "/a"
    ]
    buckets = [(each.labels["le"], each.value) for each in samples if each.name.endswith("_bucket")]
    rest = {each.name.rpartition("_")[2]: each.value for each in samples if "le" not in each.labels}

    assert buckets == [("0.1", 1), ("1.0", 2), ("+Inf", 2)]
    assert rest == {"sum": 0.55, "count": 2}


def test_any_label_value_survives_the_round_trip() -> None:
    metrics = Metrics()
    serve(metrics, NASTY, 200, 0.0, 0)

    assert read(metrics)["clearway_requests"].samples[0].labels["route"] == NASTY


@pytest.mark.parametrize("value", [0, 1, -1.5, 1e300, 10**18, math.inf, -math.inf, math.nan])
def test_any_number_survives_the_round_trip(value: float) -> None:
    metrics = Metrics()
    metrics.register_gauge("clearway_it", "It.", lambda: value)

    found = read(metrics)["clearway_it"].samples[0].value
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_a_worker_that_has_served_nothing_is_readable_too() -> None:
    assert read(Metrics())["clearway_requests_in_flight"].samples[0].value == 0
