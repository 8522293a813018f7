"""Two Node proxies: http-proxy, which most people use, and fast-proxy, which is built for speed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.install import NPM_MODULES
from benchmarks.subjects.subject import Site

ENV = {"NODE_PATH": str(NPM_MODULES), "NODE_ENV": "production"}
HERE = Path(__file__).parent


def http_proxy(site: Site) -> list[str]:
    """Return the command of the proxy on http-proxy."""
    return ["node", str(HERE / "node_http_proxy.js"), str(site.port), str(site.upstream)]


def fast_proxy(site: Site) -> list[str]:
    """Return the command of the proxy on fast-proxy."""
    return ["node", str(HERE / "node_fast_proxy.js"), str(site.port), str(site.upstream)]
