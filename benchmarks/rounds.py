"""Rounds that alternate between proxies.

All proxies are started first and stay up; a round then visits each of them in turn, so that whatever the
machine does meanwhile happens to all of them. The proxy has core 0; load generator and upstream share core 1.
"""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path

from benchmarks import install, workload
from benchmarks.loads import fixed_rate, saturate
from benchmarks.measure import QUIET, Sample, measure
from benchmarks.processes import SERVER_CORE, NotReadyError, Server, ask, free_port, running
from benchmarks.subjects import Site, Subject
from benchmarks.upstream import connections_accepted, upstream

HEADROOM = 0.95
"""A fixed rate above this part of what a proxy managed at saturation is not tried on it."""

TRIES = 3

WARM_UP_S = 4
"""Long enough for the compilers of Node to settle on most of the path."""


class Rounds:
    """The running servers of one comparison, and the samples taken so far."""

    def __init__(
        self,
        seconds: float,
        rates: tuple[int, ...],
        folder: Path,
        stack: contextlib.ExitStack,
        *,
        warm_up_s: float = WARM_UP_S,
        tries: int = TRIES,
    ) -> None:
        self.seconds = seconds
        self.rates = rates
        self.folder = folder
        self.stack = stack
        self.warm_up_s = warm_up_s
        self.tries = tries
        self.fields = workload.headers(workload.token())
        self.upstream = stack.enter_context(upstream(folder / "upstream"))
        self.servers: dict[str, Server] = {}
        self.skipped: dict[str, str] = {}
        self.samples: list[Sample] = []

    def start(self, subject: Subject) -> None:
        """Start a proxy, check that it does its work and warm it up; or note why it is left out."""
        try:
            reason = _missing(subject)
            if reason is None:
                server = self._serve(subject)
                _check(subject, server, self.fields)
                saturate(server.port, self.fields, self.warm_up_s)
                self.servers[subject.name] = server
        except (NotReadyError, OSError, RuntimeError) as error:
            reason = str(error) or type(error).__name__
        if reason is not None:
            self.skipped[subject.name] = reason
            _say(f"{subject.name}: left out: {reason}")

    def take(self, turn: int, *, backwards: bool = False) -> None:
        """Visit each proxy once: at saturation first, then at every rate that it can bear."""
        for name in sorted(self.servers, key=list(self.servers).index, reverse=backwards):
            most = self._sample(turn, name, None)
            for rate in self.rates:
                if rate <= most.requests_per_second * HEADROOM:
                    self._sample(turn, name, rate)

    def _serve(self, subject: Subject) -> Server:
        folder = self.folder / subject.name
        folder.mkdir()
        site = Site(folder, free_port(), self.upstream.port)
        env = {**subject.env, "HOME": str(folder)}
        return self.stack.enter_context(running(subject.command(site), site.port, folder, env, SERVER_CORE))

    def _sample(self, turn: int, name: str, rate: int | None) -> Sample:
        """Measure once, or again while the machine is not quiet; the quietest try counts."""
        server = self.servers[name]
        load = partial(saturate if rate is None else partial(fixed_rate, rate=rate), server.port, self.fields)
        tries: list[Sample] = []
        while len(tries) < self.tries and all(sample.others_share > QUIET for sample in tries):
            accepted = partial(connections_accepted, self.upstream)
            tries.append(measure(name, turn, rate, server, partial(load, self.seconds), accepted))
        best = min(tries, key=lambda sample: sample.others_share)
        self.samples.append(best)
        _say(_line(best))
        return best


def _missing(subject: Subject) -> str | None:
    reasons = [*map(install.program, subject.programs), *map(install.npm_package, subject.npm)]
    return next(filter(None, reasons), None)


def _check(subject: Subject, server: Server, fields: dict[str, str]) -> None:
    """Refuse to measure a proxy that does not do its work."""
    status, body = ask(server.port, workload.PATH, fields)
    if (status, body) != (200, workload.BODY):
        raise NotReadyError(f"answered {status} {body[:100]!r} instead of the upstream's 200")
    status, _ = ask(server.port, workload.PATH, {})
    wanted = 401 if subject.refuses_strangers else 200
    if status != wanted:
        raise NotReadyError(f"answered {status} without a token, not {wanted}")


def _line(sample: Sample) -> str:
    load = "saturated" if sample.rate is None else f"{sample.rate:,}/s"
    return (
        f"round {sample.round}  {sample.subject:16} {load:>10}  {sample.cpu_us:7.1f} us CPU"
        f"  {sample.requests_per_second:8,.0f}/s  p50 {sample.load.p50_us:7,.0f} us"
        f"  p99 {sample.load.p99_us:7,.0f} us  failed {sample.load.failed}  others {sample.others_share:.0%}"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
