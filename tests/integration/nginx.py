"""A real nginx on a loopback port, with a configuration and files of the test's own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import PROGRAMS

__all__ = ["nginx"]

PATIENCE_S = 20
# PUT stores a file, /chunked/ serves one through SSI, whose length is not known beforehand.
CONFIG = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/html;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {folder}/files;
        location / {{ dav_methods PUT DELETE; }}
        location /chunked/ {{ ssi on; alias {folder}/files/; }}
        location = /hello {{ return 200 "hello\\n"; }}
        location = /echo {{ return 200 "$request_method $request_uri $http_x_forwarded_for $http_host\\n"; }}
    }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """Run nginx on `folder`, whose `files` it serves and stores, and give its port."""
    (folder / "files").mkdir(exist_ok=True)
    port = _free_port()
    config = folder / "nginx.conf"
    user = "user root;" if folder.owner() == "root" else ""  # else the worker could not read our files
    config.write_text(CONFIG.format(folder=folder, port=port, user=user))
    command = ["nginx", "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, env={"PATH": PROGRAMS}, stderr=subprocess.DEVNULL)
    try:
        _wait_until_listening(process, port, folder)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "error.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise AssertionError("nginx does not listen")
