"""Clearway, doing a gateway's work on every request, and plain; the one place that writes its config."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.subjects.subject import Site
from benchmarks.workload import SECRET

ENV = {"JWT_SECRET": SECRET}

GATEWAY = """\
listen = "127.0.0.1:{site.port}"
plugs = ["request_id", "metrics"]

[upstreams.service]
targets = ["127.0.0.1:{site.upstream}"]

[[routes]]
path = "/*rest"
upstream = "service"
plugs = [{{ use = "bearer", secret_env = "JWT_SECRET" }}, "require_auth"]
"""

PLAIN = """\
listen = "127.0.0.1:{site.port}"

[upstreams.service]
targets = ["127.0.0.1:{site.upstream}"]

[[routes]]
path = "/*rest"
upstream = "service"
"""


def with_jwt(site: Site) -> list[str]:
    """Write the configuration with request id, metrics, bearer and require_auth, and return the command."""
    return _run(site.write("clearway.toml", GATEWAY.format(site=site)))


def plain(site: Site) -> list[str]:
    """Write the configuration of a plain proxy and return the command."""
    return _run(site.write("clearway.toml", PLAIN.format(site=site)))


def _run(config: str) -> list[str]:
    return [str(Path(sys.executable).with_name("clearway")), "run", config]
