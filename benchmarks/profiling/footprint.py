"""What the sampler itself takes of memory, beside the heap that it watches.

    python -m benchmarks.profiling.footprint --mib 64
    python -m benchmarks.pprof --only footprint

The heap is held by 5,000 stacks of 30 frames, so that the tables of stacks and names are those of a service.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys

from benchmarks.processes import ENV
from benchmarks.profiling.accuracy import HEADER, MIB, SHAPES
from benchmarks.profiling.crowd import paths
from benchmarks.profiling.profilers import ROOT
from clearway.pprof import heap, labels

SIZES = (64, 1024)
PADDING = 513
"""Bytes that a small block takes when it is sampled (_native/hooks.c), more than its own at most."""


def measured(shape: str, mib: int) -> dict[str, object]:
    """Hold `mib` MiB, and tell what the sampler takes."""
    sizes = SHAPES[shape](random.Random(mib))
    parts, ways = paths(1)
    held: list[bytes] = []
    true = turn = 0
    heap.start(seed=1)
    while true < mib * MIB:
        size = next(sizes)
        way = ways[turn % len(ways)]
        with labels(route=f"/orders/{turn % 40}"):
            held.append(parts[way[0]](way, 1, lambda size=size: bytes(size - HEADER)))
        true += size
        turn += 1
    statistics = heap.statistics()
    return {
        "shape": shape,
        "mib": mib,
        "true": true,
        "blocks": len(held),
        "live_samples": statistics.live_samples,
        "memory": statistics.memory_bytes,
        "padding_at_most": statistics.live_samples * PADDING,
    }


def take() -> list[dict[str, object]]:
    """Measure each size in a process of its own, with blocks of all magnitudes."""
    found = []
    for mib in SIZES:
        command = [sys.executable, "-m", "benchmarks.profiling.footprint", "--mib", str(mib)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=ENV)
        found.append(json.loads(done.stdout))
    return found


def main() -> None:
    """Print what was measured as a line of JSON."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.profiling.footprint", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--shape", choices=SHAPES, default="mixed")
    parser.add_argument("--mib", type=int, default=64)
    given = parser.parse_args()
    print(json.dumps(measured(given.shape, given.mib)))


if __name__ == "__main__":
    main()
