"""Ask a FastAPI app for its health while some of its requests compute fib(35), under uvicorn and under us.

    python -m benchmarks.greedy                                    (about 2 minutes)

/health is asked every 20 ms, whether or not the one before was answered; a time counts from when it was due.
The report goes to standard output.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from pathlib import Path

from benchmarks.processes import SERVER_CORE, free_port, running
from benchmarks.report import table
from benchmarks.subjects.asgi_servers import clearway, uvicorn

APP = "greedy_app:app"
EVERY_S = 0.02
PATIENCE_S = 60.0
SERVERS = {
    "uvicorn": uvicorn,
    "`clearway serve`": clearway(),
    "`clearway serve --preempt greedy_app`": clearway("--preempt", "greedy_app"),
}


def percentile(times_s: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(times_s)[min(int(len(times_s) * part), len(times_s) - 1)] * 1000


async def ask(port: int, path: str) -> None:
    """Send one GET on a connection of its own, and read the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
        answer = await reader.read(-1)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:100]
    finally:
        writer.close()


async def measure(port: int, hogs: int, seconds: float) -> list[float]:
    """Keep `hogs` requests computing, and return the seconds that each answer about health took."""
    times_s: list[float] = []

    async def hog() -> None:
        while True:
            await ask(port, "/report")

    async def probe(due: float) -> None:
        await asyncio.wait_for(ask(port, "/health"), PATIENCE_S)
        times_s.append(time.monotonic() - due)

    greedy = [asyncio.create_task(hog()) for _ in range(hogs)]
    await asyncio.sleep(0.2)
    begun = time.monotonic()
    probes = []
    for number in range(int(seconds / EVERY_S)):
        due = begun + number * EVERY_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        probes.append(asyncio.create_task(probe(due)))
    await asyncio.gather(*probes)
    for task in greedy:
        task.cancel()
    await asyncio.gather(*greedy, return_exceptions=True)
    return times_s


def main() -> None:
    """Measure each server with 0, 1, 4 and 8 greedy requests, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.greedy", description=__doc__.partition("\n")[0])
    parser.add_argument("--hogs", default="0,1,4,8", help="how many requests compute at once")
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    rows = []
    for hogs in map(int, given.hogs.split(",")):
        for title, command in SERVERS.items():
            with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as stack:
                port = free_port()
                stack.enter_context(running(command(APP, port), port, Path(folder), {}, SERVER_CORE))
                times_s = asyncio.run(measure(port, hogs, given.seconds))
            rows.append(
                [title, str(hogs), *(f"{percentile(times_s, part):,.0f}" for part in (0.5, 0.99, 1.0))]
            )
            print(rows[-1], flush=True)
    head = ["", "requests that compute", "/health p50 ms", "p99 ms", "max ms"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
