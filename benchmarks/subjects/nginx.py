"""nginx: the yardstick. One worker, plain proxying, connections to the upstream kept alive."""

from __future__ import annotations

from benchmarks.subjects.subject import Site

CONFIG = """\
daemon off;
user root;
worker_processes 1;
pid {site.folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
    proxy_temp_path {site.folder}/proxy;
    client_body_temp_path {site.folder}/body;
    upstream service {{
        server 127.0.0.1:{site.upstream};
        keepalive 256;
        keepalive_requests 1000000000;
        keepalive_timeout 3600s;
    }}
    server {{
        listen 127.0.0.1:{site.port} backlog=4096;
        location / {{
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


def command(site: Site) -> list[str]:
    """Write the configuration and return the command."""
    return ["nginx", "-p", str(site.folder), "-c", site.write("nginx.conf", CONFIG.format(site=site))]
