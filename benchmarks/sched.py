"""How long a light request waits while others compute without end, on one core.

    python -m benchmarks.sched                                                    (all of it, about 8 minutes)
    python -m benchmarks.sched --only clearway-preempt,uvicorn,go --hogs 0,8                    (a quick look)

`/health` is asked 50 times a second, whether or not it was answered, while 0, 1, 2, 4 or 8 requests compute
for as long as the measurement lasts. A wait counts from when a request was due. Shares say how evenly the
hogs progressed: the least and the most that one of them computed, of the mean.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.hogs.servers import SERVERS, HogServer
from benchmarks.numbers import Spread, percentile
from benchmarks.processes import SERVER_CORE, NotReadyError, Server, ask, free_port, running
from benchmarks.versions import machine

RESULTS = Path(__file__).parent / "results"
RATE = 50
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Waits:
    """What one server did with so many hogs, in one round."""

    server: str
    hogs: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    least_share: float
    most_share: float


def measure(server: Server, name: str, hogs: int, seconds: float) -> Waits:
    """Start the hogs, ask for `/health` at a fixed rate, and see how long each answer took."""
    rounds: list[int] = []
    with hogging(server.port, hogs, seconds, rounds):
        waits = light(server.port, seconds - 0.5)
    mean = sum(rounds) / len(rounds) if rounds else 1.0
    shares = [each / mean if mean else math.nan for each in rounds] or [1.0]
    return Waits(
        name, hogs, percentile(waits, 50), percentile(waits, 99), max(waits), min(shares), max(shares)
    )


@contextlib.contextmanager
def hogging(port: int, hogs: int, seconds: float, rounds: list[int]) -> Iterator[None]:
    """Keep the server computing for the length of the block; note what each hog has done."""

    def hog() -> None:
        _, body = exchange(port, f"/hog?seconds={seconds}", seconds * (hogs + 2) + PATIENCE_S)
        rounds.append(int(body))

    threads = [threading.Thread(target=hog) for _ in range(hogs)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    yield
    for thread in threads:
        thread.join()


def light(port: int, seconds: float) -> list[float]:
    """Ask for `/health` at a fixed rate; return the milliseconds from when each was due to its answer."""
    waits: list[float] = []
    begun = time.monotonic()

    def one(due: float) -> None:
        exchange(port, "/health", PATIENCE_S)
        waits.append((time.monotonic() - due) * 1000)

    threads = []
    for number in range(int(seconds * RATE)):
        due = begun + number / RATE
        time.sleep(max(due - time.monotonic(), 0))
        threads.append(threading.Thread(target=one, args=(due,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return waits or [math.nan]


def exchange(port: int, path: str, timeout: float) -> tuple[bytes, bytes]:
    """Send one GET on a connection of its own; return head and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def run(servers: list[HogServer], hogs: list[int], rounds: int, seconds: float) -> tuple[list[Waits], dict]:
    """Start every server, then let them take turns; return what was seen and who was left out."""
    seen: list[Waits] = []
    skipped: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name, contextlib.ExitStack() as stack:
        started = {}
        for each in servers:
            try:
                if reason := each.needs():
                    raise OSError(reason)
                folder, port = Path(name, each.name), free_port()
                folder.mkdir()
                command = each.command(folder, port)
                server = stack.enter_context(running(command, port, folder, each.env, SERVER_CORE))
                if ask(port, "/health", {})[0] != 200:
                    raise NotReadyError("does not answer /health")
                started[each.name] = server
            except (NotReadyError, OSError) as error:
                skipped[each.title] = str(error)
        for turn in range(rounds):
            for count in hogs:
                for name, server in started.items():
                    seen.append(measure(server, name, count, seconds))
                    print(f"round {turn + 1}  {seen[-1]}", file=sys.stderr, flush=True)
    return seen, skipped


def markdown(seen: list[Waits], skipped: dict[str, str], settings: str) -> str:
    """Return the report: a row for each server and number of hogs."""
    about = machine()
    lines = [
        f"# A light request beside hogs\n\n{about['processor']} · {about['kernel']} · {about['python']}.",
        f"{settings} Medians of the rounds, with smallest and largest.\n",
        "| server | hogs | p50 ms | p99 ms | max ms | a hog's share |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    titles = {each.name: each.title for each in SERVERS}
    for name in dict.fromkeys(each.server for each in seen):
        for hogs in sorted({each.hogs for each in seen}):
            rows = [each for each in seen if (each.server, each.hogs) == (name, hogs)]
            keys = ("p50_ms", "p99_ms", "max_ms")
            cells = [Spread.of([getattr(row, key) for row in rows]).text(1) for key in keys]
            least, most = min(row.least_share for row in rows), max(row.most_share for row in rows)
            share = f"{least:.2f}-{most:.2f}" if hogs > 1 else ""
            lines.append(f"| {titles[name]} | {hogs} | {' | '.join(cells)} | {share} |")
    lines += [f"\n- Left out: {title}: {reason}" for title, reason in skipped.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print the report and keep it with the raw samples."""
    parser = argparse.ArgumentParser(prog="benchmarks.sched", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(each.name for each in SERVERS))
    parser.add_argument("--hogs", default="0,1,2,4,8")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement")
    given = parser.parse_args()
    chosen = [each for each in SERVERS if each.name in given.only.split(",")]
    seen, skipped = run(chosen, [int(each) for each in given.hogs.split(",")], given.rounds, given.seconds)
    settings = f"{given.rounds} rounds, alternating, {given.seconds:g} s each, {RATE} light a second."
    text = markdown(seen, skipped, settings)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "sched.md").write_text(text)
    (RESULTS / "sched.json").write_text(json.dumps([asdict(each) for each in seen], indent=1))
    print(text)


if __name__ == "__main__":
    main()
