"""Caddy on one processor of Go's scheduler, with room for more idle connections than its default 32."""

from __future__ import annotations

from benchmarks.subjects.subject import Site

CONFIG = """\
{{
    admin off
    auto_https off
    storage file_system {site.folder}/storage
}}
http://127.0.0.1:{site.port} {{
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:{site.upstream} {{
        transport http {{
            keepalive 1h
            keepalive_idle_conns_per_host 256
        }}
    }}
}}
"""


def command(site: Site) -> list[str]:
    """Write the configuration and return the command."""
    path = site.write("Caddyfile", CONFIG.format(site=site))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", path]
