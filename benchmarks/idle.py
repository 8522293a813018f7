"""Hold many idle keep-alive connections: memory of each, processor time of all, and whether they still work.

    python -m benchmarks.idle --connections 10000

Each connection makes one request, is left alone, and then makes another. Memory is what the proxy's
processes gained (resident pages); the kernel's socket buffers are not in it.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import socket
import tempfile
import time
from pathlib import Path

from benchmarks import cpu, workload
from benchmarks.processes import SERVER_CORE, NotReadyError, Server, ask, free_port, running
from benchmarks.subjects import SUBJECTS, Site, Subject
from benchmarks.upstream import upstream

PER_ADDRESS = 5_000
"""Connections from one address, well below the 28,232 ports that Linux hands out."""

SETTLE_S = 1.0
WARM_UP = 200


def connect(port: int, count: int) -> list[socket.socket]:
    """Open connections from as many loopback addresses as needed."""
    sources = (f"127.0.0.{2 + number // PER_ADDRESS}" for number in range(count))
    return [socket.create_connection(("127.0.0.1", port), 10, (source, 0)) for source in sources]


def answered(connection: socket.socket, request: bytes) -> bool:
    """Make one request; tell whether its whole answer came."""
    data = b""
    with contextlib.suppress(OSError):
        connection.sendall(request)
        while not data.endswith(workload.BODY):
            chunk = connection.recv(65_536)
            if not chunk:
                break
            data += chunk
    return data.startswith(b"HTTP/1.1 200 ") and data.endswith(workload.BODY)


def hold(server: Server, count: int, seconds: float) -> dict[str, float]:
    """Open, use, leave alone, use again and close `count` connections; return what that took."""
    fields = workload.headers(workload.token())
    request = workload.request_bytes(f"127.0.0.1:{server.port}", fields)
    for _ in range(WARM_UP):
        ask(server.port, workload.PATH, fields)
    before = cpu.resident_bytes(server.session)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(each) for each in connect(server.port, count)]
        first = sum(answered(each, request) for each in connections)
        time.sleep(SETTLE_S)
        held, busy = cpu.resident_bytes(server.session), cpu.busy_ns(server.session)
        time.sleep(seconds)
        busy = cpu.busy_ns(server.session) - busy
        second = sum(answered(each, request) for each in connections)
    time.sleep(SETTLE_S)
    after = cpu.resident_bytes(server.session)
    return {
        "first": first,
        "second": second,
        "before_mb": before / 1e6,
        "held_mb": held / 1e6,
        "after_mb": after / 1e6,
        "kb_each": (held - before) / 1e3 / count,
        "idle_cpu_percent": busy / 1e9 / seconds * 100,
    }


def measure(
    subject: Subject, folder: Path, upstream_port: int, count: int, seconds: float
) -> dict[str, float]:
    """Start a proxy and hold connections to it."""
    folder.mkdir()
    site = Site(folder, free_port(), upstream_port)
    env = {**subject.env, "HOME": str(folder)}
    with running(subject.command(site), site.port, folder, env, SERVER_CORE) as server:
        return hold(server, count, seconds)


def main() -> None:
    """Print one row for each proxy."""
    parser = argparse.ArgumentParser(prog="benchmarks.idle", description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long they are left alone")
    parser.add_argument("--only", default="clearway-jwt,nginx", help="comma-separated subjects")
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if given.connections > hard - 200:
        raise SystemExit(
            f"error: {given.connections} connections need more than the {hard} files of ulimit -n"
        )
    print("| subject | answered, then again | MB before, held, after | kB each | CPU while idle |")
    print("| --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory(prefix="bench-") as name, upstream(Path(name, "upstream")) as behind:
        for subject in (subject for subject in SUBJECTS if subject.name in given.only.split(",")):
            folder = Path(name, subject.name)
            try:
                row = measure(subject, folder, behind.port, given.connections, given.seconds)
            except (NotReadyError, OSError) as error:
                print(f"| {subject.name} | left out: {error} | | | |")
                continue
            print(
                f"| {subject.name} | {row['first']:,}, {row['second']:,} of {given.connections:,} "
                f"| {row['before_mb']:.1f}, {row['held_mb']:.1f}, {row['after_mb']:.1f} "
                f"| {row['kb_each']:.2f} | {row['idle_cpu_percent']:.2f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
