"""What exactly was measured, and on what."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import timeit
from collections.abc import Callable
from pathlib import Path

from benchmarks.install import NPM_MODULES
from benchmarks.processes import ENV


def printed(*command: str) -> Callable[[], str]:
    """Return a function that runs a version command and keeps its first line."""

    def version() -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENV)
        return (done.stdout + done.stderr).strip().splitlines()[0].removeprefix("nginx version: ")

    return version


def packages(*names: str) -> Callable[[], str]:
    """Return a function that names the installed versions of Python packages."""

    def version() -> str:
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)

    return version


def npm(*names: str) -> Callable[[], str]:
    """Return a function that names the installed versions of npm packages, and Node's."""

    def version() -> str:
        found = [json.loads((NPM_MODULES / name / "package.json").read_text()) for name in names]
        node = printed("node", "--version")()
        return ", ".join([f"Node {node}", *(f"{package['name']} {package['version']}" for package in found)])

    return version


def machine() -> dict[str, str]:
    """Describe processor, kernel and Python."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "python_speed": f"{_python_speed():.0f} ns",
    }


def _python_speed() -> float:
    """Return the nanoseconds of a fixed bit of Python; builds of one version differ by a third (PGO, LTO)."""
    number = 200_000
    return min(timeit.repeat("d[1] = (d, d); len(d)", "d = {}", repeat=5, number=number)) / number * 1e9


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
