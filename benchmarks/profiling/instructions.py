"""Instructions, counted by valgrind: what heap sampling costs, on a machine that is busy too.

    python -m benchmarks.pprof --only instructions

A program is run twice, once for a short time and once for a longer one; their difference leaves the start of
Python and the imports out. Instructions are no time (caches, branches and the kernel are not seen), but they
are nearly the same in every run: a tenth of a percent is told apart.
"""

from __future__ import annotations

import compileall
import http.client
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import install, workload
from benchmarks.processes import ENV, SERVER_CORE, free_port, running
from benchmarks.profiling.profilers import ROOT, Profiler
from benchmarks.subjects import Site, clearway
from benchmarks.upstream import upstream

VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
MIX = ROOT / "benchmarks" / "profiling" / "mix.py"
LOOPS = (1, 2)
REQUESTS = (1_000, 3_000)  # by the thousandth nearly every line of the way was sampled once
PATIENCE_S = 120.0  # valgrind makes Python 30 times as slow, its start too


@dataclass(frozen=True)
class Count:
    """Instructions of one loop of the mix, or of one request of the gateway, under one profiler."""

    profiler: str
    workload: str
    instructions: float


def take(profilers: Sequence[Profiler]) -> tuple[list[dict[str, object]], str | None]:
    """Count for each of `profilers`; return the counts as plain data, or the reason why there are none."""
    if missing := install.program("valgrind"):
        return [], missing
    compileall.compile_dir(ROOT / "src", quiet=2)  # or the first run alone would compile what is imported
    counts: list[Count] = []
    for profiler in profilers:
        for name, run, (short, long) in (("mix", _mix, LOOPS), ("gateway", _gateway, REQUESTS)):
            each = (run(profiler, long) - run(profiler, short)) / (long - short)
            print(f"{profiler.name:10} {name:8} {each:14,.0f} instructions", file=sys.stderr, flush=True)
            counts.append(Count(profiler.name, name, each))
    return [asdict(count) for count in counts], None


def _mix(profiler: Profiler, loops: int) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        command = [*VALGRIND, *profiler.command([str(MIX), "--loops", str(loops)], Path(name))]
        env = {**ENV, **profiler.environment()}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=name, env=env)
        return _read(done.stderr)


def _gateway(profiler: Profiler, requests: int) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream(Path(name, "upstream")) as behind:
        site = Site(Path(name), free_port(), behind.port)
        command = [*VALGRIND, *profiler.command(clearway.with_jwt(site), site.folder)]
        env = {**clearway.ENV, **profiler.environment(), "HOME": name}
        with running(command, site.port, site.folder, env, SERVER_CORE, PATIENCE_S) as server:
            _ask(site.port, requests)
        return _read(server.log.read_text())


def _ask(port: int, requests: int) -> None:
    """Ask one request after the other, so that every run does its work in the same steps."""
    fields = workload.headers(workload.token())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(requests):
        connection.request("GET", workload.PATH, headers=fields)
        connection.getresponse().read()
    connection.close()


def _read(text: str) -> int:
    found = COUNTED.search(text)
    if found is None:
        raise RuntimeError(f"valgrind counted nothing: {text[-300:]}")
    return int(found[1].replace(",", ""))
