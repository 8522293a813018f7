"""The service behind every subject: nginx with one small fixed answer, and a count of its connections."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import LOAD_CORE, Server, ask, free_port, running
from benchmarks.workload import BODY

CONFIG = """\
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        default_type application/json;
        location = /status {{ stub_status; }}
        location / {{ return 200 '{body}'; }}
    }}
}}
"""


@contextlib.contextmanager
def upstream(folder: Path) -> Iterator[Server]:
    """Run the upstream on the load generator's core, for the length of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, body=BODY.decode()))
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, port, folder, {}, LOAD_CORE) as server:
        yield server


def connections_accepted(server: Server) -> int:
    """Return how many connections the upstream has taken: it shows whether a proxy keeps them alive."""
    _, text = ask(server.port, "/status", {})
    return int(text.decode().splitlines()[2].split()[0])
