"""How each server of the comparison is started, on one port and one core."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import install

HERE = Path(__file__).parent
APP, WSGI = "benchmarks.hogs.service:app", "benchmarks.hogs.service:wsgi"
ROOT = str(HERE.parents[1])


@dataclass(frozen=True)
class HogServer:
    """One row of the table.

    Options:
        name, title: What `--only` and the report call it.
        command: Returns the command that serves on a port, from a folder of its own.
        needs: Returns the reason why it cannot be measured here, or None.
        env: Environment added to the server's.
    """

    name: str
    title: str
    command: Callable[[Path, int], list[str]]
    needs: Callable[[], str | None]
    env: Mapping[str, str] = field(default_factory=dict)


def module(name: str, *arguments: str) -> Callable[[Path, int], list[str]]:
    """Return the command of `python -m name`; {port} in an argument becomes the port."""
    return lambda folder, port: [
        sys.executable, "-m", name, *(each.format(port=port) for each in arguments)
    ]  # fmt: skip


def from_pypi(name: str, *arguments: str) -> Callable[[Path, int], list[str]]:
    """The same with the Python of an environment that has the package `name`."""
    return lambda folder, port: [
        str(install.pypi_python(name)), "-m", name, *(each.format(port=port) for each in arguments)
    ]  # fmt: skip


def go(folder: Path, port: int) -> list[str]:
    """Build the Go server and return its command."""
    program = folder / "go_server"
    command = ["go", "build", "-o", str(program), str(HERE / "go_server.go")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"go build failed: {done.stderr.strip()[-200:]}")
    return [str(program), str(port)]


def nothing() -> str | None:
    """Tell that nothing is missing."""
    return None


QUIET = ("--no-access-log", "--log-level", "error")
CLEARWAY = ("serve", APP, "--app-dir", ROOT, "--port", "{port}", "--lifespan", "off", *QUIET)
SERVERS = (
    HogServer("clearway-preempt", "**Clearway**, `--preempt`",
              module("clearway", *CLEARWAY, "--preempt", "benchmarks.hogs.service"), nothing),
    HogServer("clearway", "Clearway, without", module("clearway", *CLEARWAY), nothing),
    HogServer("uvicorn", "uvicorn",
              module("uvicorn", APP, "--app-dir", ROOT, "--port", "{port}", "--lifespan", "off",
                     "--no-access-log", "--log-level", "error"), nothing),
    HogServer("hypercorn", "hypercorn",
              from_pypi("hypercorn", APP, "--bind", "127.0.0.1:{port}", "--log-level", "error"),
              lambda: install.pypi_package("hypercorn"), {"PYTHONPATH": ROOT}),
    HogServer("granian", "granian",
              from_pypi("granian", APP, "--interface", "asginl", "--port", "{port}", "--no-access-log",
                        "--log-level", "error"),
              lambda: install.pypi_package("granian"), {"PYTHONPATH": ROOT}),
    HogServer("gunicorn", "gunicorn, 40 threads (WSGI)",
              module("gunicorn", WSGI, "--bind", "127.0.0.1:{port}", "--threads", "40", "--log-level",
              "error"), nothing, {"PYTHONPATH": ROOT}),
    HogServer("node", "Node", lambda folder, port: ["node", str(HERE / "node_server.js"), str(port)],
              lambda: install.program("node")),
    HogServer("go", "Go, GOMAXPROCS=1", go, lambda: install.program("go"),
              {"GOMAXPROCS": "1", "GOCACHE": str(install.HERE / ".cache" / "go")}),
)  # fmt: skip
