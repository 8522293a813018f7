"""One measurement: a load on one proxy, and what the kernel charged the proxy for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import cpu
from benchmarks.loads import Load
from benchmarks.processes import SERVER_CORE, Server

QUIET = 0.05
"""A sample during which others used more than this part of the proxy's core is taken again."""


@dataclass(frozen=True)
class Sample:
    """What one load cost one proxy.

    `rate` is None at saturation. `others_share` is the part of the proxy's core that something else used
    meanwhile: a run in which it is not near zero was disturbed.
    """

    subject: str
    round: int
    rate: int | None
    cpu_us: float
    core_share: float
    others_share: float
    upstream_connections: int
    load: Load

    @property
    def requests_per_second(self) -> float:
        """Return the rate at which answers came."""
        return self.load.requests / self.load.seconds


def measure(
    subject: str,
    turn: int,
    rate: int | None,
    server: Server,
    load: Callable[[], Load],
    accepted: Callable[[], int],
) -> Sample:
    """Run a load between two readings of the kernel's accounts."""
    connections, core, busy = accepted(), cpu.core_busy_ns(SERVER_CORE), cpu.busy_ns(server.session)
    begun = time.monotonic_ns()
    seen = load()
    wall = time.monotonic_ns() - begun
    used = cpu.busy_ns(server.session) - busy
    others = max(0, cpu.core_busy_ns(SERVER_CORE) - core - used)
    return Sample(
        subject=subject,
        round=turn,
        rate=rate,
        cpu_us=used / 1e3 / seen.requests,
        core_share=used / wall,
        others_share=others / wall,
        upstream_connections=accepted() - connections - 1,
        load=seen,
    )
