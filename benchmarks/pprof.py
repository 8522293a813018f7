"""What profiling costs and how true it is: the numbers of docs/concepts/what-profiling-costs.md.

    python -m benchmarks.pprof                                               (all of it, about 12 minutes)
    python -m benchmarks.pprof --only accuracy,answer,footprint,labels                      (a minute or two)
    python -m benchmarks.pprof --only gateway --profilers nothing,heap --generations 20

The report goes to standard output, and with the raw samples to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import install
from benchmarks.gateway import RESULTS
from benchmarks.profiling import accuracy, answer, footprint, gateway, instructions, labels, programs
from benchmarks.profiling.profilers import HEAP, NOTHING, PROFILERS, REQUIRED, Profiler
from benchmarks.profiling.report import markdown
from benchmarks.versions import machine, printed


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    only: tuple[str, ...]
    profilers: tuple[Profiler, ...]
    generations: int
    rate: int
    output: Path


def _gateway(options: Options) -> dict[str, Any]:
    required = [each for each in options.profilers if each in REQUIRED]
    exact = gateway.Plan(generations=options.generations, rounds=3, seconds=2.0, tries=2)
    broad = gateway.Plan(generations=1, rounds=3, seconds=2.0, rates=(options.rate,), tries=2)
    return {
        "rate": options.rate,
        "exact": gateway.take(required, exact).plain(),
        "broad": gateway.take(options.profilers, broad).plain(),
    }


def _mix(options: Options) -> dict[str, Any]:
    taken, skipped = programs.take(options.profilers, rounds=12, others=3)
    return {"runs": taken, "skipped": skipped}


def _instructions(options: Options) -> dict[str, Any]:
    counts, skipped = instructions.take([each for each in options.profilers if each.name in (NOTHING, HEAP)])
    return {"counts": counts, "skipped": skipped}


PARTS: dict[str, Callable[[Options], Any]] = {
    "gateway": _gateway,
    "mix": _mix,
    "instructions": _instructions,
    "accuracy": lambda options: accuracy.take(),
    "answer": lambda options: answer.take(),
    "footprint": lambda options: footprint.take(),
    "labels": lambda options: labels.take(),
}


def run(options: Options) -> dict[str, Any]:
    """Run the parts that were asked for, and return what they measured as plain data."""
    parts: dict[str, Any] = {}
    took: dict[str, float] = {}
    for name in options.only:
        began = time.monotonic()
        parts[name] = PARTS[name](options)
        took[name] = round(time.monotonic() - began, 1)
    return {
        "taken": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "titles": {each.name: each.title for each in options.profilers},
        "versions": {
            each.pypi or "clearway": each.version() for each in options.profilers if not each.missing()
        }
        | {"upstream": printed("nginx", "-v")(), "load": printed("wrk", "-v")().partition(" [")[0]},
        "took_s": took,
        **parts,
    }


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line."""
    names = [each.name for each in PROFILERS]
    parser = argparse.ArgumentParser(prog="benchmarks.pprof", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help="parts (default all: %(default)s)")
    parser.add_argument("--profilers", default=",".join(names), help="(default all: %(default)s)")
    parser.add_argument("--generations", type=int, default=10, help="how often the gateways start anew")
    parser.add_argument("--rate", type=int, default=2_000, help="the fixed rate, in requests per second")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for pprof.md and pprof.json")
    given = parser.parse_args(arguments)
    only, chosen = given.only.split(","), given.profilers.split(",")
    if unknown := sorted({*only} - {*PARTS} | {*chosen} - {*names}):
        parser.error(f"no such part or profiler: {', '.join(unknown)}")
    return Options(
        only=tuple(name for name in PARTS if name in only),
        profilers=tuple(each for each in PROFILERS if each.name in chosen or each.name == NOTHING),
        generations=given.generations,
        rate=given.rate,
        output=given.output,
    )


def main() -> None:
    """Measure, print the report and keep it with the raw samples."""
    options = parse()
    if missing := install.program("nginx") or install.program("wrk"):
        raise SystemExit(f"error: {missing}")
    results = run(options)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "pprof.json").write_text(json.dumps(results, indent=1) + "\n")
    text = markdown(results)
    (options.output / "pprof.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
