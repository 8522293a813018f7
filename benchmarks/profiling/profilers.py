"""The table of what is compared: Clearway's sampler beside nothing and beside other profilers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import install
from benchmarks.versions import packages, printed

ROOT = Path(__file__).parent.parent.parent
NOTHING = "nothing"
HEAP = "heap"
HEAP_CPU = "heap-cpu"

Around = Callable[[str, Path], list[str]]


@dataclass(frozen=True)
class Profiler:
    """One row of the table.

    Options:
        name: What `--only` calls it.
        title: What the report calls it.
        inside: What `benchmarks.profiling.inside` switches on, comma-separated.
        pypi: The package that is installed for it, in an environment of its own that git ignores.
        around: Given that environment's Python and a folder to write into, the command before our module.
        module: How our module is named to it.
        program: A program of the package that must run here.
        env: Environment added to the program's.
    """

    name: str
    title: str
    inside: str = NOTHING
    pypi: str = ""
    around: Around = lambda python, folder: [python]
    module: tuple[str, ...] = ("-m", "benchmarks.profiling.inside")
    program: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """The Python that runs the program: ours, or one that sees the package beside all that ours sees."""
        return str(install.pypi_python(self.pypi)) if self.pypi else sys.executable

    def missing(self) -> str | None:
        """Return the reason why it cannot be measured here."""
        if not self.pypi:
            return None
        return install.pypi_package(self.pypi) or (self.program and self._broken()) or None

    def _broken(self) -> str | None:
        program = Path(self.python).with_name(self.program)
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        return done.stderr.strip().removeprefix(f"{program}: ") if done.returncode else None

    def version(self) -> str:
        """Return what the report says was measured."""
        if not self.pypi:
            return packages("clearway")()
        asked = f"import importlib.metadata as m; print(m.version('{self.pypi}'))"
        return f"{self.pypi} {printed(self.python, '-c', asked)()}"

    def command(self, script: list[str], folder: Path) -> list[str]:
        """Return the command that runs a Python script under this profiler, which may write into `folder`."""
        front = self.around(self.python, folder)
        return [*front, *self.module, self.inside, "--", *script]

    def environment(self) -> dict[str, str]:
        """Return what the command needs: one order of every set and dictionary, and our modules."""
        return {"PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), **self.env}


def _beside(program: str, *options: str) -> Around:
    """Return a command of a program that stands beside the package's Python and starts it."""

    def around(python: str, folder: Path) -> list[str]:
        out = [option.format(folder=folder) for option in options]
        return [str(Path(python).with_name(program)), *out, python]

    return around


def _module(*options: str) -> Around:
    """Return a command of a profiler that is a module, and runs another one by `-m`."""

    def around(python: str, folder: Path) -> list[str]:
        return [python, "-m", *(option.format(folder=folder) for option in options)]

    return around


_DATADOG = {
    "DD_TRACE_ENABLED": "false",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
    "DD_PROFILING_LOCK_ENABLED": "false",
}
_MEMRAY = ("memray", "run", "--quiet", "--force", "--no-compress", "--output", "{folder}/memray.bin")

PROFILERS = (
    Profiler(NOTHING, "nothing"),
    Profiler(HEAP, "**Clearway**: heap", "heap"),
    Profiler(HEAP_CPU, "**Clearway**: heap, and CPU at 100 Hz", "heap,cpu"),
    Profiler("tracemalloc", "tracemalloc, 1 frame", "tracemalloc"),
    Profiler("memray", "memray: malloc alone, its default", pypi="memray", around=_module(*_MEMRAY)),
    Profiler(
        "memray-python",
        "memray: Python's allocators too",
        pypi="memray",
        around=_module(*_MEMRAY, "--trace-python-allocators"),
    ),
    Profiler(
        "ddtrace-heap",
        "ddtrace: heap",
        "ddtrace",
        pypi="ddtrace",
        env={**_DATADOG, "DD_PROFILING_STACK_ENABLED": "false"},
    ),
    Profiler("ddtrace", "ddtrace: heap, and stacks at 100 Hz", "ddtrace", pypi="ddtrace", env=_DATADOG),
    Profiler(
        "scalene",
        "scalene: CPU and memory",
        pypi="scalene",
        around=_module("scalene", "run", "--profile-all", "--outfile", "{folder}/scalene.json"),
        module=(str(ROOT / "benchmarks" / "profiling" / "inside.py"),),
    ),
    Profiler(
        "py-spy",
        "py-spy: CPU at 100 Hz, from outside",
        pypi="py-spy",
        program="py-spy",
        around=_beside("py-spy", "record", "--rate=100", "--format=raw", "--output={folder}/spy", "--"),
    ),
    Profiler(
        "austin",
        "austin: CPU at 100 Hz, from outside",
        pypi="austin-dist",
        program="austin",
        around=_beside("austin", "--interval", "10ms", "--output", "{folder}/austin"),
    ),
)  # fmt: skip

REQUIRED = tuple(profiler for profiler in PROFILERS if profiler.name in (NOTHING, HEAP, HEAP_CPU))
