"""The gateway under each profiler: what the small differences are, and where the large ones lie.

A process is a little faster or slower than the next one of the same program, by where its memory happens to
lie. So a small difference needs many processes: each generation starts all servers anew, visits them in turn
for a few short rounds, and gives one ratio, the median of its rounds'. The interval is over generations.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.measure import Sample
from benchmarks.profiling.profilers import Profiler
from benchmarks.rounds import Rounds
from benchmarks.subjects import Subject, clearway

WARM_UP_S = 2.0


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Options:
        generations: How often all servers are started anew.
        rounds: Visits to each server in one generation.
        seconds: Length of each load.
        rates: Fixed rates, in requests per second, beside saturation.
        tries: How often a load that something disturbed is taken again.
    """

    generations: int
    rounds: int
    seconds: float
    rates: tuple[int, ...] = ()
    tries: int = 2


@dataclass(frozen=True)
class Taken:
    """What was measured: `round` counts on through the generations, of `rounds` each."""

    rounds: int
    samples: list[Sample]
    skipped: dict[str, str]

    def plain(self) -> dict[str, object]:
        """Return it as plain data."""
        samples = [asdict(sample) for sample in self.samples]
        return {"rounds": self.rounds, "samples": samples, "skipped": self.skipped}


def take(profilers: Sequence[Profiler], plan: Plan) -> Taken:
    """Measure the gateway under each of `profilers`."""
    skipped = {profiler.name: reason for profiler in profilers if (reason := profiler.missing())}
    samples: list[Sample] = []
    for generation in range(plan.generations):
        with tempfile.TemporaryDirectory(prefix="bench-") as name, contextlib.ExitStack() as stack:
            rounds = Rounds(
                plan.seconds, plan.rates, Path(name), stack, warm_up_s=WARM_UP_S, tries=plan.tries
            )
            for profiler in profilers:
                if profiler.name not in skipped:
                    rounds.start(_subject(profiler))
            for turn in range(plan.rounds):
                rounds.take(turn, backwards=bool((generation + turn) % 2))
        first = generation * plan.rounds
        samples += [replace(sample, round=first + sample.round) for sample in rounds.samples]
        skipped |= rounds.skipped
    return Taken(plan.rounds, samples, skipped)


def _subject(profiler: Profiler) -> Subject:
    return Subject(
        name=profiler.name,
        title=profiler.title,
        command=lambda site: profiler.command(clearway.with_jwt(site), site.folder),
        version=profiler.version,
        env={**clearway.ENV, **profiler.environment()},
        refuses_strangers=True,
    )
