"""The admin pages: metrics, health, status and profiles, on a listener of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from clearway import __version__
from clearway.clock import Clock, monotonic
from clearway.gateway.gateway import Gateway
from clearway.http import Server
from clearway.plug import Conn, Pipeline, Plug, Router, get
from clearway.plug.plugs import Metrics, MetricsEndpoint, RequireAuth, Scopes
from clearway.pprof.endpoints import PprofEndpoints

__all__ = ["Status", "admin_pipeline", "health", "register_gauges"]


class Status:
    """Answer with what the process is and does, as JSON.

        get("/status", Status(gateway, [server], ["127.0.0.1:8080"]))

    Options:
        gateway: What is served.
        servers: The servers that clients connect to.
        listeners: The addresses that they were bound to.
        clock: Monotonic seconds.

    It shows counts and names, never a key, a token or a password.
    """

    def __init__(
        self,
        gateway: Gateway,
        servers: Sequence[Server],
        listeners: Sequence[str],
        clock: Clock = monotonic,
    ) -> None:
        self._gateway, self._servers, self._listeners = gateway, servers, listeners
        self._clock = clock
        self._started = clock()

    def __call__(self, conn: Conn) -> Conn:
        return conn.send_json(200, self.value()).halt()

    def value(self) -> dict[str, Any]:
        """Return what the answer says."""
        gateway = self._gateway
        return {
            "version": __version__,
            "pid": os.getpid(),
            "uptime_s": round(self._clock() - self._started, 3),
            "config": gateway.name,
            "listeners": list(self._listeners),
            "connections": _sum(asdict(server.statistics()) for server in self._servers),
            "upstreams": {
                name: {str(pool): asdict(pool.statistics()) for pool in upstream.pools}
                for name, upstream in gateway.upstreams.items()
            },
            "plugs": dict(gateway.plug_statistics()),
            "keys": {keys.name: keys.statistics()._asdict() for keys in gateway.remote_keys},
            "warnings": [str(each) for each in gateway.warnings],
        }


def _sum(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total


def health(servers: Sequence[Server]) -> Plug:
    """Return the plug that answers 200, or 503 once one of `servers` drains: send nobody here any more."""

    def healthz(conn: Conn) -> Conn:
        if any(server.closing for server in servers):
            return conn.send_resp(503, "draining\n").halt()
        return conn.send_resp(200, "ok\n").halt()

    return healthz


def admin_pipeline(
    gateway: Gateway, servers: Sequence[Server], listeners: Sequence[str], metrics: Metrics
) -> Pipeline:
    """Return what answers on the admin listener: `/metrics`, `/healthz`, `/status` and `/debug/pprof/`."""
    return Pipeline(
        *gateway.admin_plugs,
        *_profiles(gateway),
        Router(
            get("/metrics", MetricsEndpoint(metrics)),
            get("/healthz", health(servers)),
            get("/status", Status(gateway, servers, listeners)),
        ),
    )


def _profiles(gateway: Gateway) -> list[Plug]:
    """Return what answers under `/debug/pprof/`: to whoever passed a login, else to this machine alone."""
    if gateway.config.admin is None or not gateway.config.admin.pprof:
        return []
    is_behind_login = any(isinstance(plug, RequireAuth | Scopes) for plug in gateway.admin_plugs)
    return [PprofEndpoints(allow=lambda _: True) if is_behind_login else PprofEndpoints()]


def register_gauges(metrics: Metrics, servers: Sequence[Server], gateway: Gateway) -> None:
    """Show connections and pools among the metrics."""
    server_gauges = {
        "open": ("clearway_connections", "Open client connections."),
        "accepted": ("clearway_connections_accepted_total", "Client connections accepted."),
        "refused": ("clearway_connections_refused_total", "Client connections turned away with 503."),
        "refused_requests": (
            "clearway_requests_refused_total",
            "Requests that were refused before any plug.",
        ),
    }
    for field, (name, meaning) in server_gauges.items():
        register = metrics.register_counter if name.endswith("_total") else metrics.register_gauge
        register(name, meaning, _server_reader(servers, field))
    pool_gauges = {
        "open": ("clearway_upstream_connections", "Open connections to upstreams."),
        "idle": ("clearway_upstream_connections_idle", "Connections to upstreams that wait for a request."),
        "connected": ("clearway_upstream_connects_total", "Connections to upstreams made."),
        "reused": ("clearway_upstream_reuses_total", "Requests sent on a connection that was there already."),
    }
    for field, (name, meaning) in pool_gauges.items():
        register = metrics.register_counter if name.endswith("_total") else metrics.register_gauge
        register(name, meaning, _pool_reader(gateway, field), ["upstream", "target"])


def _server_reader(servers: Sequence[Server], field: str) -> Callable[[], float]:
    return lambda: sum(getattr(server.statistics(), field) for server in servers)


def _pool_reader(gateway: Gateway, field: str) -> Callable[[], Mapping[tuple[str, ...], float]]:
    return lambda: {
        (name, str(pool)): getattr(pool.statistics(), field)
        for name, upstream in gateway.upstreams.items()
        for pool in upstream.pools
    }
