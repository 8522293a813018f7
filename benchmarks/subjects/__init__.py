"""The table of proxies that `benchmarks.gateway` compares; a new peer is one more row."""

from __future__ import annotations

from benchmarks.subjects import caddy, clearway, haproxy, httpx_proxy, nginx, node
from benchmarks.subjects.subject import Site, Subject
from benchmarks.versions import npm, packages, printed

__all__ = ["SUBJECTS", "YARDSTICK", "Site", "Subject"]

YARDSTICK = "nginx"

SUBJECTS = (
    Subject(
        name="clearway-jwt",
        title="**Clearway**: request id, Bearer JWT, router, metrics",
        command=clearway.with_jwt,
        version=packages("clearway", "uvloop", "httptools"),
        env=clearway.ENV,
        refuses_strangers=True,
    ),
    Subject(
        name="clearway",
        title="**Clearway**: plain proxy",
        command=clearway.plain,
        version=packages("clearway", "uvloop", "httptools"),
    ),
    Subject(
        name="nginx",
        title="nginx: plain proxy",
        command=nginx.command,
        version=printed("nginx", "-v"),
        programs=("nginx",),
    ),
    Subject(
        name="haproxy",
        title="HAProxy: plain proxy",
        command=haproxy.command,
        version=printed("haproxy", "-v"),
        programs=("haproxy",),
    ),
    Subject(
        name="caddy",
        title="Caddy: plain proxy",
        command=caddy.command,
        version=printed("caddy", "version"),
        programs=("caddy",),
        env={"GOMAXPROCS": "1"},
    ),
    Subject(
        name="node-fast-proxy",
        title="Node, fast-proxy: plain proxy",
        command=node.fast_proxy,
        version=npm("fast-proxy", "undici"),
        programs=("node",),
        npm=("fast-proxy",),
        env=node.ENV,
    ),
    Subject(
        name="node-http-proxy",
        title="Node, http-proxy: plain proxy",
        command=node.http_proxy,
        version=npm("http-proxy"),
        programs=("node",),
        npm=("http-proxy",),
        env=node.ENV,
    ),
    Subject(
        name="uvicorn-httpx",
        title="uvicorn + httpx: plain proxy",
        command=httpx_proxy.command,
        version=packages("uvicorn", "httpx", "uvloop", "httptools"),
    ),
)
