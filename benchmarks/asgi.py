"""Compare ASGI servers: CPU per request of a hello world, bare and by FastAPI; alternating, one core each.

    python -m benchmarks.asgi                                            (all of it, about 4 minutes)
    python -m benchmarks.asgi --only clearway,uvicorn --rounds 3 --seconds 2              (a quick look)

The report goes to standard output, and with the raw samples to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.loads import CONNECTIONS, saturate
from benchmarks.measure import QUIET, Sample, measure
from benchmarks.numbers import Spread
from benchmarks.processes import SERVER_CORE, NotReadyError, Server, ask, free_port, running
from benchmarks.report import table
from benchmarks.subjects.apps.hello_apps import BODY
from benchmarks.subjects.asgi_servers import APPS, SERVERS, YARDSTICK, AsgiServer
from benchmarks.versions import machine, packages
from benchmarks.workload import PATH

RESULTS = Path(__file__).parent / "results"
FIELDS = {"Accept": "application/json", "User-Agent": "bench"}
TRIES = 3
WARM_UP_S = 2.0


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    rounds: int
    seconds: float
    servers: tuple[AsgiServer, ...]
    output: Path


def run(options: Options) -> tuple[list[Sample], dict[str, str]]:
    """Start every server on every app, visit them in turn, and return samples and what was left out."""
    samples: list[Sample] = []
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
        serving: dict[str, Server] = {}
        for app, name in APPS.items():
            for server in options.servers:
                key = f"{server.name} {app}"
                try:
                    serving[key] = _start(server, name, Path(folder) / f"{server.name}-{app}", stack)
                except (NotReadyError, OSError, RuntimeError) as error:
                    skipped[key] = str(error)
        for turn in range(1, options.rounds + 1):
            order = list(serving) if turn % 2 else list(reversed(serving))
            for key in order:
                samples.append(_sample(key, turn, serving[key], options.seconds))
                print(_line(samples[-1]), flush=True)
    return samples, skipped


def _start(server: AsgiServer, app: str, folder: Path, stack: contextlib.ExitStack) -> Server:
    if (reason := server.missing()) is not None:
        raise NotReadyError(reason)
    folder.mkdir()
    port = free_port()
    started = stack.enter_context(running(server.command(app, port), port, folder, {}, SERVER_CORE))
    status, body = ask(port, PATH, FIELDS)
    if (status, body) != (200, BODY):
        raise NotReadyError(f"answered {status} {body[:100]!r}")
    saturate(port, FIELDS, WARM_UP_S)
    return started


def _sample(key: str, turn: int, server: Server, seconds: float) -> Sample:
    """Measure once, or again while the machine is not quiet; the quietest try counts."""
    tries: list[Sample] = []
    while len(tries) < TRIES and all(sample.others_share > QUIET for sample in tries):
        load = partial(saturate, server.port, FIELDS, seconds)
        tries.append(measure(key, turn, None, server, load, lambda: 0))
    return min(tries, key=lambda sample: sample.others_share)


def _line(sample: Sample) -> str:
    return (
        f"round {sample.round}  {sample.subject:26} {sample.cpu_us:7.1f} us CPU"
        f"  {sample.requests_per_second:8,.0f}/s  failed {sample.load.failed}"
        f"  others {sample.others_share:.0%}"
    )


def markdown(samples: list[Sample], skipped: dict[str, str], options: Options) -> str:
    """Return the report."""
    seen = machine()
    heading = (
        f"# ASGI servers compared\n\n{datetime.now(UTC):%Y-%m-%d %H:%M UTC} · {seen['processor']} · "
        f"{seen['kernel']} · {seen['python']}.\n{options.rounds} rounds, alternating, "
        f"{options.seconds:g} s each load, {CONNECTIONS} connections; one worker, one core.\n"
        f"Medians of the rounds, with smallest and largest; a ratio is taken within each round."
    )
    parts = [heading, *(_table(samples, app) for app in APPS)]
    others = [sample.others_share for sample in samples] or [0.0]
    disturbed = sum(share > QUIET for share in others)
    parts.append(
        f"- Loads during which anything else used over {QUIET:.0%} of the server's core: "
        f"{disturbed} of {len(others)} (at most {max(others):.0%}).\n"
        f"- Failed requests: {sum(sample.load.failed for sample in samples)}.\n"
        + "\n".join(f"- Left out: {name}: {reason}" for name, reason in skipped.items())
        + f"\n- Versions: {packages('clearway', 'uvicorn', 'httptools', 'uvloop', 'fastapi')()}"
    )
    return "\n\n".join(parts) + "\n"


def _table(samples: list[Sample], app: str) -> str:
    rows = []
    for server in SERVERS:
        own = [sample for sample in samples if sample.subject == f"{server.name} {app}"]
        yard = {each.round: each.cpu_us for each in samples if each.subject == f"{YARDSTICK} {app}"}
        if not own:
            continue
        ratios = [sample.cpu_us / yard[sample.round] for sample in own if sample.round in yard]
        rows.append([
            server.title,
            Spread.of([sample.cpu_us for sample in own]).text(1),
            Spread.of(ratios).text(2) if ratios else "-",
            Spread.of([sample.requests_per_second for sample in own]).text(),
            Spread.of([sample.load.p99_us for sample in own]).text(),
        ])  # fmt: skip
    return table([f"{app} hello world", "CPU us/request", "x uvicorn", "requests/s", "p99 us"], rows)


def parse(arguments: list[str] | None = None) -> Options:
    """Read the command line."""
    names = [server.name for server in SERVERS]
    parser = argparse.ArgumentParser(prog="benchmarks.asgi", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each load (default 3)")
    parser.add_argument("--only", default=",".join(names), help="comma-separated names (default: all)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for asgi.md and asgi.json")
    given = parser.parse_args(arguments)
    chosen = given.only.split(",")
    if unknown := sorted(set(chosen) - set(names)):
        parser.error(f"no such server: {', '.join(unknown)}")
    servers = tuple(server for server in SERVERS if server.name in chosen)
    return Options(given.rounds, given.seconds, servers, given.output)


def main() -> None:
    """Measure, print the report and keep it with the raw samples."""
    options = parse()
    samples, skipped = run(options)
    text = markdown(samples, skipped, options)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "asgi.json").write_text(
        json.dumps([asdict(sample) for sample in samples], indent=1) + "\n"
    )
    (options.output / "asgi.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
