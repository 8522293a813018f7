"""The admin pages say what the process is and does, and nothing that is secret."""

from __future__ import annotations

import json

import pytest

from clearway import __version__
from clearway.gateway import Gateway, parse_gateway
from clearway.gateway.admin import admin_pipeline, register_gauges
from clearway.http import Server
from clearway.plug import Conn
from clearway.plug.plugs import Metrics
from clearway.testing import body_of, conn, run
from tests.house.source import ROOT

SECRET = "a-secret-of-more-than-thirty-two-bytes"
ENVIRON = {"JWT_SECRET": SECRET}
TEXT = """
plugs = [{ use = "bearer", secret_env = "JWT_SECRET" }]
admin.plugs = []
[upstreams.orders]
targets = ["127.0.0.1:9001"]
[[routes]]
path = "/"
plugs = ["require_auth"]
upstream = "orders"
"""


@pytest.fixture
def gateway() -> Gateway:
    return parse_gateway(TEXT, "gateway.toml", environ={"JWT_SECRET": SECRET})


@pytest.fixture
def server(gateway: Gateway) -> Server:
    return Server(gateway.pipeline)


def get(gateway: Gateway, server: Server, path: str) -> Conn:
    metrics = Metrics()
    register_gauges(metrics, [server], gateway)
    done = admin_pipeline(gateway, [server], ["127.0.0.1:8080"], metrics)(conn("GET", path))
    assert isinstance(done, Conn)
    return done


def test_health_is_ok(gateway: Gateway, server: Server) -> None:
    done = get(gateway, server, "/healthz")

    assert (done.status, body_of(done)) == (200, b"ok\n")


def test_a_server_that_drains_asks_for_no_more_requests(gateway: Gateway, server: Server) -> None:
    server.closing = True

    assert get(gateway, server, "/healthz").status == 503


def test_status_counts_connections_pools_and_plugs(gateway: Gateway, server: Server) -> None:
    done = get(gateway, server, "/status")

    value = json.loads(body_of(done))
    assert (value["version"], value["config"]) == (__version__, "gateway.toml")
    assert value["listeners"] == ["127.0.0.1:8080"]
    assert value["connections"] == {"open": 0, "accepted": 0, "refused": 0, "refused_requests": 0}
    assert value["upstreams"]["orders"]["127.0.0.1:9001"]["open"] == 0
    assert value["plugs"]["plugs[0]"]["verified"] == 0
    assert value["uptime_s"] >= 0
    assert SECRET.encode() not in body_of(done)


def test_metrics_show_connections_and_pools(gateway: Gateway, server: Server) -> None:
    text = body_of(get(gateway, server, "/metrics")).decode()

    assert "clearway_connections 0\n" in text
    assert "clearway_connections_accepted_total 0\n" in text
    assert 'clearway_upstream_connections_idle{upstream="orders",target="127.0.0.1:9001"} 0\n' in text


def test_other_paths_are_not_found(gateway: Gateway, server: Server) -> None:
    assert get(gateway, server, "/").status == 404


def test_plugs_before_the_pages_can_ask_for_credentials(server: Server) -> None:
    login = '[{ use = "bearer", secret_env = "JWT_SECRET" }, "require_auth"]'
    text = TEXT.replace("admin.plugs = []", f"admin.plugs = {login}")
    gateway = parse_gateway(text, environ={"JWT_SECRET": SECRET})

    assert get(gateway, server, "/status").status == 401


@pytest.mark.parametrize("address", ["0.0.0.0:8081", "10.0.0.1:8081", "[::]:8081", "admin.example:8081"])
def test_an_admin_listener_with_a_login_may_be_anywhere(address: str) -> None:
    admin = f'listen = "{address}"\nplugs = [{{ use = "bearer", secret_env = "JWT_SECRET" }}, "require_auth"]'
    text = f'[admin]\n{admin}\n[[routes]]\npath = "/"\nrespond = {{}}'

    assert parse_gateway(text, environ={"JWT_SECRET": SECRET}).config.admin is not None


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("evil.example", 403)])
def test_profiles_are_for_this_machine_where_nobody_asks_for_credentials(
    gateway: Gateway, server: Server, host: str, status: int
) -> None:
    pages = admin_pipeline(gateway, [server], [], Metrics())

    assert run(pages, conn("GET", "/debug/pprof/symbol", host=host)).status == status
    assert run(pages, conn("GET", "/debug/pprof/symbol", host=host, peer=("10.0.0.1", 1))).status == 403


def test_profiles_are_for_whoever_passed_the_login(server: Server) -> None:
    login = 'plugs = [{ use = "basic_auth", htpasswd = "users.htpasswd" }, "require_auth"]'
    text = TEXT.replace("admin.plugs = []", "") + f"[admin]\n{login}"
    gateway = parse_gateway(text, "gateway.toml", ROOT / "examples", {"JWT_SECRET": SECRET})
    pages = admin_pipeline(gateway, [server], [], Metrics())

    def ask(**headers: str) -> int | None:
        request = conn("GET", "/debug/pprof/symbol", headers=headers, host="a.example", peer=("10.0.0.1", 1))
        return run(pages, request).status

    assert ask() == 401
    assert ask(authorization="Basic YWNtZTpvcGVuIHNlc2FtZQ==") == 200
    gateway.close()


def test_profiles_may_be_left_out(server: Server) -> None:
    gateway = parse_gateway(TEXT.replace("admin.plugs = []", "admin.pprof = false"), environ=ENVIRON)

    assert get(gateway, server, "/debug/pprof/symbol").status == 404
