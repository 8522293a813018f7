"""The two loads: as much as the proxy takes (wrk), and a fixed rate (benchmarks.openloop)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ENV, LOAD_CORE
from benchmarks.workload import PATH

CONNECTIONS = 64
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Load:
    """What a load generator saw; `late_p99_us`: how long after their due times requests left (fixed rate)."""

    requests: int
    seconds: float
    failed: int
    p50_us: float
    p99_us: float
    late_p99_us: float = 0.0


def saturate(port: int, fields: dict[str, str], seconds: float) -> Load:
    """Keep every one of the connections busy with wrk, a closed loop."""
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s"]
    command += ["-s", str(Path(__file__).with_name("wrk.lua"))]
    for name, value in fields.items():
        command += ["-H", f"{name}: {value}"]
    return _run([*command, f"http://127.0.0.1:{port}{PATH}"])


def fixed_rate(port: int, fields: dict[str, str], seconds: float, rate: int) -> Load:
    """Send at a rate that does not wait for answers; times count from when a request was due."""
    command = [sys.executable, "-m", "benchmarks.openloop", "--port", str(port), "--rate", str(rate)]
    command += ["--seconds", str(seconds), "--connections", str(CONNECTIONS), "--fields", json.dumps(fields)]
    return _run(command)


def _run(command: list[str]) -> Load:
    pinned = ["taskset", "-c", str(LOAD_CORE), *command]
    done = subprocess.run(pinned, capture_output=True, text=True, check=False, cwd=ROOT, env=ENV)
    results = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not results:
        raise RuntimeError(f"{command[0]} gave no result: {(done.stderr or done.stdout).strip()[-300:]}")
    return Load(**json.loads(results[0].removeprefix("RESULT ")))
