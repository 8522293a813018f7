"""Run a script with profilers switched on inside its process, before its first line.

python -m benchmarks.profiling.inside heap,cpu -- .venv/bin/clearway run gateway.toml
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable


def nothing() -> None:
    """Switch nothing on."""


def heap() -> None:
    """Sample the heap at the default rate."""
    from clearway.pprof import heap

    heap.start()


def cpu() -> None:
    """Record CPU at the default rate of 100 samples a second, to the end."""
    from clearway.pprof import lookup

    lookup("profile").begin()


def traced() -> None:
    """Trace every allocation with one frame."""
    import tracemalloc

    tracemalloc.start(1)


def datadog() -> None:
    """Start ddtrace's profiler, as DD_PROFILING_* say; nobody listens where it would send its profiles."""
    from ddtrace.profiling import Profiler

    Profiler().start()


PROFILERS: dict[str, Callable[[], None]] = {
    "nothing": nothing,
    "heap": heap,
    "cpu": cpu,
    "tracemalloc": traced,
    "ddtrace": datadog,
}


def main() -> None:
    """Switch on what is named, and become the script."""
    names, dashes, *script = sys.argv[1:]
    if dashes != "--" or not script:
        raise SystemExit("usage: inside NAME[,NAME] -- SCRIPT [ARGUMENT...]")
    for name in names.split(","):
        PROFILERS[name]()
    sys.argv = script
    runpy.run_path(script[0], run_name="__main__")


if __name__ == "__main__":
    main()
