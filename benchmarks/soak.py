"""A gateway at full load with every profile on, for minutes: does it crash, and does it grow?

    python -m benchmarks.soak --minutes 10

wrk asks through a gateway with request id, Bearer JWT, router and metrics, as fast as it is answered, while
CPU and wall time are recorded without a pause, and heap, allocs, tasks, leakedtasks, threadcreate, block and
mutex are fetched in turn. A row a minute tells the answers, the profiles, resident memory, threads and
descriptors. It ends with status 1 if the gateway ended, if a request or a profile failed, or if memory
grew by more than 2 % after the first fifth.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import cpu, workload
from benchmarks.loads import saturate
from benchmarks.processes import SERVER_CORE, Server, free_port, running
from benchmarks.subjects import Site
from benchmarks.subjects.clearway import ENV, GATEWAY
from benchmarks.upstream import upstream
from clearway.pprof.proto import decode

ADMIN = '\n[admin]\nlisten = "127.0.0.1:{admin}"\n'
RECORDED = ("profile", "wall")
TAKEN = ("heap", "allocs", "tasks", "leakedtasks", "threadcreate", "block", "mutex")
RECORD_S = 5
GROWTH = 0.02
"""Part by which memory may grow after the first fifth of the time: the tables still learn stacks."""


@dataclass
class Tally:
    """What the threads of the soak have seen."""

    answers: int = 0
    failed: int = 0
    profiles: int = 0
    samples: int = 0
    faults: list[str] = field(default_factory=list)


def fetch(port: int, path: str) -> bytes:
    """Return the body of an answer of 200; raise `OSError` for any other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"/debug/pprof/{path}")
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        raise OSError(f"{path}: {response.status} {body[:200]!r}")
    return body


def wait_for(port: int) -> None:
    """Return when the admin listener, which opens after the gateway's own, takes connections."""
    for _ in range(500):
        with contextlib.suppress(OSError), contextlib.closing(socket.create_connection(("127.0.0.1", port))):
            return
        time.sleep(0.01)
    raise SystemExit(f"error: nobody listens on port {port}")


def keep(work: Callable[[], None], tally: Tally, over: threading.Event) -> threading.Thread:
    """Repeat `work` in a thread until it is over; what it raises is a fault."""

    def repeat() -> None:
        while not over.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the result
                tally.faults.append(f"{type(error).__name__}: {error}")
                over.wait(1)

    thread = threading.Thread(target=repeat)
    thread.start()
    return thread


def start_all(server: Server, admin: int, tally: Tally, over: threading.Event) -> list[threading.Thread]:
    """Load the gateway and profile it, each in a thread of its own."""
    fields = workload.headers(workload.token())

    def load() -> None:
        seen = saturate(server.port, fields, 5)
        tally.answers += seen.requests
        tally.failed += seen.failed

    def record(name: str) -> None:
        count(decode(fetch(admin, f"{name}?seconds={RECORD_S}")).samples)

    def take() -> None:
        for name in TAKEN:
            count(decode(fetch(admin, name)).samples)
            over.wait(0.2)

    def count(samples: tuple[object, ...]) -> None:
        tally.profiles += 1
        tally.samples += len(samples)

    works = [load, take, *(lambda name=name: record(name) for name in RECORDED)]
    return [keep(work, tally, over) for work in works]


def watch(server: Server, minutes: float, tally: Tally) -> list[int]:
    """Print a row a minute; return the resident bytes of each."""
    print("| minute | answers | failed | profiles | MB | threads | descriptors |", flush=True)
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    sizes = []
    steps = max(round(minutes), 5)
    for step in range(1, steps + 1):
        time.sleep(minutes * 60 / steps)
        process = Path(f"/proc/{server.session}")  # alone: leakedtasks looks at a copy, for a moment
        sizes.append(int((process / "statm").read_text().split()[1]) * cpu.PAGE)
        if not sizes[-1]:
            raise SystemExit(f"error: the gateway ended: {server.log.read_text()[-2000:]}")
        threads, files = (len(list((process / name).iterdir())) for name in ("task", "fd"))
        print(
            f"| {step * minutes / steps:.1f} | {tally.answers:,} | {tally.failed} | {tally.profiles:,} "
            f"| {sizes[-1] / 1e6:.1f} | {threads} | {files} |",
            flush=True,
        )
    return sizes


def main() -> None:
    """Run the soak and judge it."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    given = parser.parse_args()
    tally, over = Tally(), threading.Event()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream(Path(name, "upstream")) as behind:
        site, admin = Site(Path(name), free_port(), behind.port), free_port()
        config = site.write("soak.toml", GATEWAY.format(site=site) + ADMIN.format(admin=admin))
        command = [str(Path(sys.executable).with_name("clearway")), "run", config]
        env = {**ENV, "PYTHONFAULTHANDLER": "1"}  # a crash says where
        with running(command, site.port, Path(name), env, SERVER_CORE) as server:
            wait_for(admin)
            threads = start_all(server, admin, tally, over)
            sizes = watch(server, given.minutes, tally)
            over.set()
            for thread in threads:
                thread.join()
    settled = sizes[len(sizes) // 5]
    growth = max(sizes[-1] - settled, 0) / settled
    print(f"\n{tally.samples:,} samples read; memory grew by {growth:.1%} after the first fifth.")
    for fault in tally.faults[:10]:
        print(f"fault: {fault}")
    if tally.faults or tally.failed or growth > GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
