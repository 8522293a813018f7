"""uvicorn (httptools, uvloop) and httpx."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.subjects.subject import Site

FOLDER = str(Path(__file__).parent)


def command(site: Site) -> list[str]:
    """Return the command."""
    settings = ["--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning"]
    settings += ["--lifespan", "off", "--timeout-keep-alive", "3600", "--backlog", "4096"]
    where = ["--app-dir", FOLDER, "--host", "127.0.0.1", "--port", str(site.port)]
    program = ["env", f"UPSTREAM=http://127.0.0.1:{site.upstream}", sys.executable, "-m", "uvicorn"]
    return [*program, "httpx_app:app", *settings, *where]
