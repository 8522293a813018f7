"""The allocating program under each profiler, alternating.

python -m benchmarks.pprof --only mix
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import cpu
from benchmarks.processes import ENV, SERVER_CORE
from benchmarks.profiling.instructions import MIX
from benchmarks.profiling.profilers import REQUIRED, Profiler

LOOPS = 6


def take(
    profilers: Sequence[Profiler], rounds: int, others: int
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Run the program under those of REQUIRED in `rounds` rounds, under the rest in the first `others`.

    Return what each run took, as plain data, and the reasons of those that were left out.
    """
    skipped = {each.name: reason for each in profilers if (reason := each.missing())}
    taken: list[dict[str, Any]] = []
    for turn in range(rounds):
        visited = [each for each in profilers if each in REQUIRED or turn < others]
        for profiler in visited[:: -1 if turn % 2 else 1]:
            if profiler.name in skipped:
                continue
            try:
                run = {"profiler": profiler.name, "round": turn, **_run(profiler)}
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                skipped[profiler.name] = str(error)
                continue
            print(
                f"round {turn}  {profiler.name:14} {run['cpu_s']:.3f} s CPU, {run['wall_s']:.3f} s",
                file=sys.stderr,
                flush=True,
            )
            taken.append(run)
    return taken, skipped


def _run(profiler: Profiler) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        command = profiler.command([str(MIX), "--loops", str(LOOPS)], Path(name))
        env = {**ENV, **profiler.environment(), "HOME": name}
        busy = cpu.core_busy_ns(SERVER_CORE)
        done = subprocess.run(
            ["taskset", "-c", str(SERVER_CORE), *command],
            capture_output=True, text=True, check=False, cwd=name, env=env, timeout=120,
        )  # fmt: skip
        busy = cpu.core_busy_ns(SERVER_CORE) - busy
    results = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not results:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f"ended with {done.returncode}: {lines[-1] if lines else 'no output'}")
    return json.loads(results[0].removeprefix("RESULT ")) | {"core_busy_s": busy / 1e9}
