"""Compare Clearway with other proxies: CPU per request and latency, alternating, one core each.

    python -m benchmarks.gateway                                                 (all of it, about 8 minutes)
    python -m benchmarks.gateway --only nginx,clearway-jwt --seconds 3 --rounds 3              (a quick look)

The report goes to standard output, and with the raw samples to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import install, workload
from benchmarks.loads import CONNECTIONS
from benchmarks.report import markdown
from benchmarks.rounds import Rounds
from benchmarks.subjects import SUBJECTS, Subject
from benchmarks.versions import machine, printed

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    rounds: int
    seconds: float
    rates: tuple[int, ...]
    subjects: tuple[Subject, ...]
    output: Path


def run(options: Options) -> dict[str, object]:
    """Run the whole comparison and return it as plain data."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        rounds = Rounds(options.seconds, options.rates, Path(folder), stack)
        for subject in options.subjects:
            rounds.start(subject)
        for turn in range(1, options.rounds + 1):
            rounds.take(turn)
    measured = [subject for subject in options.subjects if subject.name in rounds.servers]
    return {
        "taken": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "settings": {
            "rounds": options.rounds,
            "seconds": options.seconds,
            "rates": list(options.rates),
            "connections": CONNECTIONS,
            "body_bytes": len(workload.BODY),
        },
        "versions": {
            **{subject.name: subject.version() for subject in measured},
            "upstream": printed("nginx", "-v")(),
            "load": printed("wrk", "-v")().partition(" [")[0],
        },
        "titles": {subject.name: subject.title for subject in measured},
        "skipped": rounds.skipped,
        "samples": [asdict(sample) for sample in rounds.samples],
    }


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line."""
    names = [subject.name for subject in SUBJECTS]
    parser = argparse.ArgumentParser(prog="benchmarks.gateway", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each load (default 3)")
    parser.add_argument("--rates", default="200,2000,5000", help="fixed rates, in requests per second")
    parser.add_argument(
        "--only", default=",".join(names), help="comma-separated names (default all: %(default)s)"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for gateway.md and gateway.json")
    given = parser.parse_args(arguments)
    chosen = given.only.split(",")
    if unknown := sorted(set(chosen) - set(names)):
        parser.error(f"no such subject: {', '.join(unknown)}")
    return Options(
        rounds=given.rounds,
        seconds=given.seconds,
        rates=tuple(int(rate) for rate in given.rates.split(",") if rate),
        subjects=tuple(subject for subject in SUBJECTS if subject.name in chosen),
        output=given.output,
    )


def main() -> None:
    """Measure, print the report and keep it with the raw samples."""
    options = parse()
    if missing := install.program("nginx") or install.program("wrk"):
        raise SystemExit(f"error: {missing}")
    results = run(options)
    text = markdown(results)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "gateway.json").write_text(json.dumps(results, indent=1) + "\n")
    (options.output / "gateway.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
