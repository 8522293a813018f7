"""The heap of a busy service, made up: many live samples, by thousands of stacks under many labels."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from clearway.pprof import heap, labels

FUNCTIONS, DEPTH, STACKS, ROUTES = 400, 30, 5_000, 40
BLOCK = 300
BLOCKS_EACH = 16
_PERIOD = 256  # bytes: most blocks are sampled, so that many samples need little memory

_ONE = """
def part{n}(path, at, work):
    if at == len(path):
        return work()
    return PARTS[path[at]](path, at + 1, work)
"""


def crowd(live_samples: int, *, stacks: int = STACKS, seed: int = 1) -> list[bytes]:
    """Hold blocks until so many are sampled and alive; go on at the default period, and return them."""
    parts, ways = paths(seed, stacks)
    held: list[bytes] = []

    def work() -> None:
        held.extend([bytes(BLOCK) for _ in range(BLOCKS_EACH)])

    heap.start(_PERIOD, seed=seed)
    turn = 0
    while heap.statistics().live_samples < live_samples:
        way = ways[turn % stacks]
        with labels(route=f"/orders/{turn % ROUTES}", method="GET"):
            parts[way[0]](way, 1, work)
        turn += 1
    heap.start(seed=seed)
    return held


def paths(seed: int, stacks: int = STACKS) -> tuple[list[Callable[..., Any]], list[tuple[int, ...]]]:
    """Return functions that call each other along a path, and as many paths as there are to be stacks.

    `parts[path[0]](path, 1, work)` calls `work` at the end of a path.
    """
    chance = random.Random(seed)
    return _parts(), [tuple(chance.randrange(FUNCTIONS) for _ in range(DEPTH)) for _ in range(stacks)]


def _parts() -> list[Callable[..., Any]]:
    space: dict[str, Any] = {}
    source = "".join(_ONE.format(n=n) for n in range(FUNCTIONS))
    exec(compile(source, "/srv/app/parts.py", "exec"), space)
    space["PARTS"] = [space[f"part{n}"] for n in range(FUNCTIONS)]
    made: list[Callable[..., Any]] = space["PARTS"]
    return made
