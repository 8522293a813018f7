"""A configuration becomes a gateway: ingress, global plugs, the router, each route's plugs, its endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from clearway.gateway import Gateway, Proxy, parse_gateway
from clearway.http import ClientLimits, ServerLimits
from clearway.plug import Conn, Pipeline, Router
from clearway.plug.jose import parse_secret, sign
from clearway.testing import body_of, conn

SECRET = "a-secret-of-more-than-thirty-two-bytes"
ORDERS = """
[upstreams.orders]
targets = ["127.0.0.1:9001", "orders.internal:9002"]
connect_s = 1
total_s = 2.5
host = "upstream"

[[routes]]
path = "/orders/*rest"
upstream = "orders"
"""
LOGIN = """
[[groups.login]]
use = "bearer"
secret_env = "JWT_SECRET"
[[groups.login]]
use = "require_auth"
"""


def gateway(text: str) -> Gateway:
    return parse_gateway(text, environ={"JWT_SECRET": SECRET})


def answer(built: Gateway, method: str, target: str, **more: Any) -> Conn:
    done = built.pipeline(conn(method, target, **more))
    assert isinstance(done, Conn)
    return done


def proxy_of(built: Gateway) -> Proxy:
    router = built.pipeline.plugs[-1]
    assert isinstance(router, Router)
    last = Pipeline(router.routes[0].plug).plugs[-1]
    assert isinstance(last, Proxy)
    return last


def bearer(**claims: Any) -> dict[str, str]:
    token = sign({"sub": "acme", "exp": 1 << 33, **claims}, parse_secret(SECRET.encode()))
    return {"authorization": f"Bearer {token}"}


def test_an_upstream_has_its_targets_limits_and_host() -> None:
    built = gateway(ORDERS)

    proxy = proxy_of(built)
    assert proxy.upstream is built.upstreams["orders"]
    assert [str(pool) for pool in proxy.upstream.pools] == ["127.0.0.1:9001", "orders.internal:9002"]
    assert proxy.upstream_host
    assert built.config.upstreams["orders"].limits() == ClientLimits(connect_s=1, total_s=2.5)


def test_the_server_has_its_limits() -> None:
    built = gateway(f"[server]\nidle_s = 5\nbody_bytes = 100\n{ORDERS}")

    assert built.config.server.limits() == ServerLimits(idle_s=5, body_bytes=100)


@pytest.mark.parametrize(
    ("strip", "path", "seen"),
    [
        ("", "/a/b/c", "/a/b/c"),
        ("strip_prefix = true", "/a/b/c", "/c"),
        ("strip_prefix = true", "/a/b", "/"),
        ('strip_prefix = "/a"', "/a/b/c", "/b/c"),
        ('strip_prefix = "/a/b/"', "/a/b/c", "/c"),
    ],
)
def test_a_prefix_is_stripped(strip: str, path: str, seen: str) -> None:
    built = gateway(
        f'[upstreams.u]\ntargets = ["u:1"]\n[[routes]]\npath = "/a/b/*rest"\nupstream = "u"\n{strip}'
    )

    assert proxy_of(built).path_of(conn("GET", path)) == seen


def test_a_route_matches_by_host_method_and_header() -> None:
    built = gateway("""
        [[routes]]
        path = "/"
        host = "*.example.org"
        methods = ["GET"]
        headers = { x-version = "2", x-old = false, x-empty = "" }
        respond = { body = "two" }
        [[routes]]
        path = "/"
        name = "rest"
        respond = { status = 404 }
        """)

    fits: dict[str, Any] = {"host": "api.example.org", "headers": {"x-version": "2", "x-empty": ""}}
    assert body_of(answer(built, "GET", "/", **fits)) == b"two"
    for other in (
        {"method": "PUT"},
        {"host": "example.com"},
        {"headers": {"x-version": "2"}},
        {"headers": {"x-version": "2", "x-empty": "", "x-old": ""}},
    ):
        done = answer(built, target="/", **{"method": "GET", **fits, **other})
        assert (done.status, done.route) == (404, "rest")


def test_global_plugs_see_requests_that_no_route_takes() -> None:
    done = answer(gateway(f'plugs = ["request_id"]\n{ORDERS}'), "GET", "/nope")

    assert done.status == 404
    assert done.request_id


def test_ingress_comes_before_every_plug() -> None:
    built = gateway("""
        identity_headers = ["x-user"]
        trusted_proxies = ["10.0.0.0/8"]
        plugs = [{ use = "ip_filter", allow = ["203.0.113.0/24"] }]
        [[routes]]
        path = "/"
        headers = { x-user = false }
        respond = {}
        """)

    proxied = {"x-forwarded-for": "203.0.113.7"}
    assert answer(built, "GET", "/", peer=("203.0.113.7", 1), headers={"x-user": "root"}).status == 200
    assert answer(built, "GET", "/", peer=("10.0.0.1", 1), headers=proxied).status == 200
    assert answer(built, "GET", "/", peer=("192.0.2.1", 1), headers=proxied).status == 403


def test_a_group_stands_for_its_plugs() -> None:
    built = gateway(f'{LOGIN}[[routes]]\npath = "/"\nplugs = ["login"]\nrespond = {{ body = "in" }}')

    refused = answer(built, "GET", "/")
    assert (refused.status, refused.resp_headers.get("www-authenticate")) == (401, 'Bearer realm="clearway"')
    assert body_of(answer(built, "GET", "/", headers=bearer())) == b"in"


def test_routes_that_name_a_group_share_its_plugs() -> None:
    built = gateway("""
        groups.few = [{ use = "rate_limit", rate = "1/h" }]
        [[routes]]
        path = "/a"
        plugs = ["few"]
        respond = {}
        [[routes]]
        path = "/b"
        plugs = ["few"]
        respond = {}
        """)

    assert [answer(built, "GET", path).status for path in ("/a", "/b")] == [200, 429]


def test_a_plug_that_is_written_twice_is_two() -> None:
    route = '[[routes]]\npath = "/{}"\nplugs = [{{ use = "rate_limit", rate = "1/h" }}]\nrespond = {{}}\n'
    built = gateway(route.format("a") + route.format("b"))

    assert [answer(built, "GET", path).status for path in ("/a", "/b", "/a")] == [200, 200, 429]


def test_statistics_are_known_by_the_key_of_the_plug() -> None:
    built = gateway(f'plugs = ["metrics"]\n{LOGIN}[[routes]]\npath = "/"\nplugs = ["login"]\nrespond = {{}}')
    answer(built, "GET", "/", headers=bearer())

    found = dict(built.plug_statistics())
    assert found["groups.login[0]"]["verified"] == 1
    assert found["plugs[0]"]["in_flight"] == 1


def test_a_gateway_tells_its_state_in_one_line() -> None:
    assert repr(gateway(ORDERS)) == "<Gateway configuration: 1 routes, 1 upstreams>"
