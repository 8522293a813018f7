"""How true the heap's estimates are: programs whose live heap is known to the byte, many seeds each.

    python -m benchmarks.profiling.accuracy --shape small --mib 64 --seed 7             (one estimate)
    python -m benchmarks.pprof --only accuracy                                         (all of them)

The spread that sampling must have is known: an allocation of s bytes that is kept with probability p stands
for s / p bytes, so the estimate's variance is the sum of s * s * (1 - p) / p over all that is alive.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from benchmarks.processes import ENV
from benchmarks.profiling.profilers import ROOT
from clearway.pprof import heap, lookup

MIB = 1 << 20
SIZES = (64, 128, 256)
SEEDS = 20
HEADER = sys.getsizeof(b"")


def small(chance: random.Random) -> Iterator[int]:
    """Yield sizes of blocks that pymalloc serves itself."""
    while True:
        yield chance.randrange(48, 513)


def mixed(chance: random.Random) -> Iterator[int]:
    """Yield sizes from 64 bytes to 64 KiB, as many of each magnitude."""
    while True:
        yield int(64 * 2 ** chance.uniform(0, 10))


def large(chance: random.Random) -> Iterator[int]:
    """Yield sizes about and above the sampling period."""
    while True:
        yield chance.randrange(MIB // 4, 4 * MIB)


SHAPES: dict[str, Callable[[random.Random], Iterator[int]]] = {"small": small, "mixed": mixed, "large": large}


@dataclass(frozen=True)
class Estimate:
    """One estimate of a live heap that is known.

    Attributes:
        true: Bytes that are alive.
        found: What the profile says of them.
        theory: The standard deviation that sampling must have, as a share of `true`.
    """

    shape: str
    mib: int
    seed: int
    true: int
    found: int
    theory: float


def estimate(shape: str, mib: int, seed: int) -> Estimate:
    """Hold `mib` MiB after having freed as much again, and compare with the profile.

    The sizes are drawn by the same numbers for each seed, so that only the sampling differs.
    """
    sizes = SHAPES[shape](random.Random(mib))
    wanted: list[int] = []
    true = 0
    while true < mib * MIB:
        wanted.append(next(sizes))
        true += wanted[-1]
    # Of one seed, heaps of other sizes would draw the same numbers, and all err to the same side.
    heap.start(seed=zlib.crc32(f"{shape} {mib} {seed}".encode()))
    held = _held(wanted)
    profile = lookup("heap").snapshot()
    heap.stop()
    place = profile.index("inuse_space")
    found = sum(
        sample.values[place] for sample in profile.samples if any(f.function == "_held" for f in sample.stack)
    )
    variance = sum(map(_variance, wanted))
    slots = sys.getsizeof(held)
    true += slots
    return Estimate(shape, mib, seed, true, found, math.sqrt(variance + _variance(slots)) / true)


def _held(sizes: list[int]) -> list[bytes]:
    held = [b""] * len(sizes)
    for at, size in enumerate(sizes):
        held[at] = bytes(size - HEADER)
        bytes(size - HEADER)  # freed at once
    return held


def _variance(size: int) -> float:
    kept = -math.expm1(-size / heap.PERIOD_BYTES)
    return size * size * (1 - kept) / kept


def take(seeds: int = SEEDS) -> list[dict[str, object]]:
    """Estimate each shape and size with each seed, each in a process of its own."""
    found: list[dict[str, object]] = []
    for shape in SHAPES:
        for mib in SIZES:
            command = [sys.executable, "-m", "benchmarks.profiling.accuracy", "--shape", shape]
            command += ["--mib", str(mib), "--seed", "1", "--seeds", str(seeds)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=ENV)
            found += [json.loads(line) for line in done.stdout.splitlines()]
    return found


def main() -> None:
    """Print estimates, a line of JSON each; one process can make many, each of blocks of its own."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.profiling.accuracy", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    for seed in range(given.seed, given.seed + given.seeds):
        print(json.dumps(asdict(estimate(given.shape, given.mib, seed))), flush=True)


if __name__ == "__main__":
    main()
