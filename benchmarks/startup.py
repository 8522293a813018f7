"""How long imports take, and how long it takes from the command to the first answer.

python -m benchmarks.startup
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import cpu, workload
from benchmarks.numbers import Spread
from benchmarks.processes import ENV, SERVER_CORE, NotReadyError, ask, free_port, running
from benchmarks.subjects import SUBJECTS, Site, Subject
from benchmarks.upstream import upstream

MODULES = ("clearway.plug", "clearway.http", "clearway.gateway", "clearway.cli")
IMPORT = """
import sys, time
had, begun = len(sys.modules), time.perf_counter()
import {module}
took = time.perf_counter() - begun
pages = int(open("/proc/self/statm").read().split()[1])
print(took * 1e3, len(sys.modules) - had, pages * 4096 / 1e6)
"""
SETTLE_S = 0.5


def import_cost(module: str) -> tuple[float, float, float] | None:
    """Import in a fresh interpreter; return milliseconds, modules loaded and resident MB."""
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENV)
    if done.returncode:
        return None
    took, modules, megabytes = map(float, done.stdout.split())
    return took, modules, megabytes


def start_cost(subject: Subject, folder: Path, upstream_port: int) -> tuple[float, float]:
    """Start a proxy; return milliseconds until its first 200, and the resident MB of it idling after that."""
    site = Site(folder, free_port(), upstream_port)
    env = {**subject.env, "HOME": str(folder)}
    fields = workload.headers(workload.token())
    command = subject.command(site)
    begun = time.perf_counter()
    with running(command, site.port, folder, env, SERVER_CORE) as server:
        status, _ = ask(server.port, workload.PATH, fields)
        took = time.perf_counter() - begun
        if status != 200:
            raise NotReadyError(f"answered {status}")
        time.sleep(SETTLE_S)
        return took * 1e3, cpu.resident_bytes(server.session) / 1e6


def imports(rounds: int) -> None:
    """Print what each import costs; an uncounted first round leaves compiled files behind."""
    print("| import | ms | modules | RSS, MB |\n| --- | ---: | ---: | ---: |")
    costs = [[import_cost(module) for module in MODULES] for _ in range(1 + rounds)][1:]
    for module, column in zip(MODULES, zip(*costs, strict=True), strict=True):
        good = [cost for cost in column if cost is not None]
        if not good:
            print(f"| {module} | cannot be imported | | |")
            continue
        took, modules, megabytes = (Spread.of(values) for values in zip(*good, strict=True))
        print(f"| {module} | {took.text(1)} | {modules.median:.0f} | {megabytes.median:.1f} |")


def starts(rounds: int, subjects: list[Subject]) -> None:
    """Print how soon each proxy answers."""
    print("\n| start | ms to the first 200 | RSS idle, MB |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream(Path(name, "upstream")) as behind:
        for subject in subjects:
            folder = Path(name, subject.name)
            folder.mkdir()
            try:
                costs = [start_cost(subject, folder, behind.port) for _ in range(rounds)]
            except (NotReadyError, OSError) as error:
                print(f"| {subject.name} | left out: {error} | |")
                continue
            took, megabytes = (Spread.of(values) for values in zip(*costs, strict=True))
            print(f"| {subject.name} | {took.text()} | {megabytes.median:.1f} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.startup", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="clearway-jwt,uvicorn-httpx,nginx", help="comma-separated subjects")
    given = parser.parse_args()
    print(f"CPython {sys.version.split()[0]}\n")
    imports(given.rounds)
    starts(given.rounds, [subject for subject in SUBJECTS if subject.name in given.only.split(",")])


if __name__ == "__main__":
    main()
