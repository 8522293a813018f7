"""An open-loop load generator: requests leave at their due times, whether or not answers have come.

    python -m benchmarks.openloop --port 8080 --rate 2000 --seconds 3

Arrivals are Poisson with a fixed seed, so every subject meets the same bursts. A time is counted from the
moment at which a request was *due*: when all connections are taken it waits, and that wait is part of its
time. A closed loop (wrk) would leave such waits out, and so would a generator that starts its clock when it
sends; see Gil Tene, "How NOT to Measure Latency".

Why not asyncio: its timers, and epoll's, count in milliseconds. select() takes microseconds and can wait on
an epoll descriptor, so it keeps time here, and epoll says which connections have something to read.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import select
import socket
import time
from collections import deque
from pathlib import Path

import httptools

from benchmarks.numbers import percentile
from benchmarks.workload import request_bytes

DRAIN_S = 2.0


class Connection:
    """One client connection: at most one request is under way on it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self.complete = False
        self.parser = httptools.HttpResponseParser(self)

    def on_message_complete(self) -> None:
        """Note that the response has ended (called by the parser)."""
        self.complete = True

    def send(self, request: bytes, due: float) -> None:
        """Start a request that was due at `due`."""
        self.due, self.complete = due, False
        self.socket.send(request)

    def receive(self) -> bool | None:
        """Read what has come; return whether the answer was a 2xx, or None while it is incomplete."""
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionResetError("closed by the server")
        self.parser.feed_data(data)
        if not self.complete:
            return None
        good = 200 <= self.parser.get_status_code() < 300
        self.parser = httptools.HttpResponseParser(self)
        return good


class OpenLoop:
    """Drive a schedule of due times over a fixed set of connections."""

    def __init__(self, port: int, request: bytes, connections: int) -> None:
        self.port = port
        self.request = request
        self.epoll = select.epoll()
        self.open: dict[int, Connection] = {}
        self.idle: deque[Connection] = deque()
        self.times: list[float] = []
        self.lateness: list[float] = []
        self.failed = 0
        for _ in range(connections):
            self._connect()

    def run(self, due_times: deque[float]) -> None:
        """Send everything that is due when it is due, then wait a bounded time for the last answers."""
        start = time.perf_counter()
        end = start + due_times[-1] + DRAIN_S
        while (now := time.perf_counter()) < end:
            while due_times and self.idle and start + due_times[0] <= now:
                self._send(start + due_times.popleft(), now)
            if not due_times and len(self.idle) == len(self.open):
                return
            self._wait(start + due_times[0] if due_times and self.idle else end)
        self.failed += len(due_times) + len(self.open) - len(self.idle)

    def close(self) -> None:
        """Close every connection."""
        for connection in self.open.values():
            connection.socket.close()
        self.epoll.close()

    def _send(self, due: float, now: float) -> None:
        self.lateness.append(now - due)
        connection = self.idle.popleft()
        try:
            connection.send(self.request, due)
        except OSError:
            self._replace(connection)

    def _wait(self, until: float) -> None:
        select.select([self.epoll], [], [], max(0.0, until - time.perf_counter()))
        for number, _event in self.epoll.poll(0):
            connection = self.open[number]
            try:
                good = connection.receive()
            except OSError:
                self._replace(connection)
                continue
            if good is not None:
                self.times.append(time.perf_counter() - connection.due)
                self.failed += not good
                self.idle.append(connection)

    def _connect(self) -> None:
        connection = Connection(self.port)
        self.open[connection.socket.fileno()] = connection
        self.epoll.register(connection.socket, select.EPOLLIN)
        self.idle.append(connection)

    def _replace(self, connection: Connection) -> None:
        """Count a lost connection as a failed request and open another in its place."""
        self.failed += 1
        del self.open[connection.socket.fileno()]
        self.epoll.unregister(connection.socket)
        connection.socket.close()
        self._connect()


def poisson(rate: float, seconds: float, seed: int) -> deque[float]:
    """Return the due times of a Poisson process, as offsets from the start."""
    draw = random.Random(seed)
    times: deque[float] = deque()
    now = draw.expovariate(rate)
    while now < seconds or not times:
        times.append(now)
        now += draw.expovariate(rate)
    return times


def main() -> None:
    """Run one load and print its result as one line of JSON."""
    parser = argparse.ArgumentParser(description="send requests at a fixed mean rate")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--fields", type=json.loads, default={})
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Timers may otherwise fire up to 50 us late, as much as a fast proxy takes in all.
    Path("/proc/self/timerslack_ns").write_text("1")
    gc.disable()
    request = request_bytes(f"127.0.0.1:{options.port}", options.fields)
    loop = OpenLoop(options.port, request, options.connections)
    begun = time.perf_counter()
    loop.run(poisson(options.rate, options.seconds, options.seed))
    if not loop.times:
        raise SystemExit("no request was answered")
    result = {
        "requests": len(loop.times),
        "seconds": time.perf_counter() - begun,
        "failed": loop.failed,
        "p50_us": percentile(loop.times, 50) * 1e6,
        "p99_us": percentile(loop.times, 99) * 1e6,
        "late_p99_us": percentile(loop.lateness, 99) * 1e6,
    }
    print("RESULT", json.dumps(result))


if __name__ == "__main__":
    main()
