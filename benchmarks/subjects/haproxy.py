"""HAProxy with one thread; idle upstream connections are shared by all clients."""

from __future__ import annotations

from benchmarks.subjects.subject import Site

CONFIG = """\
global
    nbthread 1
    maxconn 9000
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout http-keep-alive 1h
    option http-keep-alive
    http-reuse always
frontend clients
    bind 127.0.0.1:{site.port} backlog 4096
    default_backend service
backend service
    server one 127.0.0.1:{site.upstream}
"""


def command(site: Site) -> list[str]:
    """Write the configuration and return the command."""
    return ["haproxy", "-db", "-q", "-f", site.write("haproxy.cfg", CONFIG.format(site=site))]
