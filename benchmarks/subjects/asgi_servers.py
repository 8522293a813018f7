"""The ASGI servers that `benchmarks.asgi` compares: one worker, uvloop, no access log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

FOLDER = str(Path(__file__).parent / "apps")
APPS = {"raw": "hello_apps:raw", "fastapi": "hello_apps:fast"}


@dataclass(frozen=True)
class AsgiServer:
    """One server.

    Options:
        name: What `--only` calls it.
        title: What the report calls it.
        module: What has to be installed.
        command: Returns the command that serves an app on a port.
    """

    name: str
    title: str
    module: str
    command: Callable[[str, int], list[str]]

    def missing(self) -> str | None:
        """Return the reason when it is not installed."""
        return (
            None if find_spec(self.module) else f"{self.module} is not installed (pip install {self.module})"
        )


def clearway(*more: str) -> Callable[[str, int], list[str]]:
    """Return the command of `clearway serve`."""
    quiet = ["--no-access-log", "--log-level", "warning", "--lifespan", "off"]
    program = [sys.executable, "-m", "clearway", "serve"]
    return lambda app, port: [*program, app, "--app-dir", FOLDER, "--port", str(port), *quiet, *more]


def uvicorn(app: str, port: int) -> list[str]:
    """Return the command of uvicorn, on httptools and uvloop."""
    settings = ["--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning"]
    settings += ["--lifespan", "off", "--timeout-keep-alive", "3600", "--backlog", "2048"]
    return [sys.executable, "-m", "uvicorn", app, "--app-dir", FOLDER, "--port", str(port), *settings]


def granian(app: str, port: int) -> list[str]:
    """Return the command of granian, which is Rust around the same Python."""
    settings = ["--interface", "asginl", "--loop", "uvloop", "--workers", "1", "--runtime-threads", "1"]
    settings += ["--no-access-log", "--log-level", "warning", "--working-dir", FOLDER, "--no-ws"]
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "granian", *settings, *where, app]


YARDSTICK = "uvicorn"
SERVERS = (
    AsgiServer("clearway", "**Clearway**", "clearway", clearway()),
    AsgiServer(
        "clearway-preempt", "**Clearway**, `--preempt`", "clearway", clearway("--preempt", "hello_apps")
    ),
    AsgiServer("uvicorn", "uvicorn: httptools, uvloop", "uvicorn", uvicorn),
    AsgiServer("granian", "granian: Rust, uvloop", "granian", granian),
)
