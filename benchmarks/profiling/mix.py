"""A program that does little but allocate: the mix of pyperformance's allocating benchmarks, in small.

python -m benchmarks.profiling.mix --loops 3

It prints what its loops took, the start of Python and the imports left out.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import time
from collections.abc import Callable
from itertools import pairwise

ORDERS = [
    {
        "id": number,
        "name": f"order {number}",
        "tags": ["road", "gateway", str(number % 7)],
        "lines": [{"sku": f"sku-{number}-{line}", "count": line, "price": line * 1.25} for line in range(4)],
    }
    for number in range(60)
]
TEXT = " ".join(
    f"user{n}@example{n % 13}.org paid {n * 1.5:.2f} EUR on 2024-{n % 12 + 1:02}-07;" for n in range(400)
)
PAYMENT = re.compile(r"(?P<user>\w+)@(?P<host>[\w.]+) paid (?P<sum>\d+\.\d+) (?P<currency>[A-Z]+)")


class Point:
    """A small object with a dictionary."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y

    def plus(self, other: Point) -> Point:
        """Return a new point."""
        return Point(self.x + other.x, self.y + other.y)


class Node:
    """A small object with slots."""

    __slots__ = ("left", "right")

    def __init__(self, left: Node | None, right: Node | None) -> None:
        self.left, self.right = left, right


def json_texts() -> None:
    """Write and read JSON."""
    for _ in range(30):
        json.loads(json.dumps(ORDERS))


def dictionaries() -> None:
    """Build dictionaries, and dictionaries of them."""
    for turn in range(120):
        by_id = {order["id"]: dict(order, turn=turn) for order in ORDERS}
        [{**order, "seen": True} for order in by_id.values()]


def strings() -> None:
    """Format, join, split and replace."""
    for turn in range(40):
        lines = [f"{turn}: {word.upper()}" for word in TEXT.split()]
        "\n".join(lines).replace("EXAMPLE", "sample").encode()


def sequences() -> None:
    """Build lists, tuples and sets, and sort."""
    for turn in range(60):
        pairs = [(number, -number, (turn, number)) for number in range(1_500)]
        sorted(pairs, key=lambda pair: pair[1])
        set(pairwise(pairs))


def copies() -> None:
    """Copy a nested structure."""
    for _ in range(10):
        copy.deepcopy(ORDERS)


def matches() -> None:
    """Find and substitute with regular expressions."""
    for _ in range(40):
        [match.groupdict() for match in PAYMENT.finditer(TEXT)]
        PAYMENT.sub(r"\g<sum>", TEXT)


def tree(depth: int) -> Node:
    """Return a full binary tree."""
    return Node(tree(depth - 1), tree(depth - 1)) if depth else Node(None, None)


def objects() -> None:
    """Make many small objects that live shortly, and trees that live a little longer."""
    point, step = Point(0.0, 0.0), Point(0.5, 0.25)
    for _ in range(80_000):
        point = point.plus(step)
    for _ in range(6):
        tree(12)


PARTS: tuple[Callable[[], None], ...] = (
    json_texts, dictionaries, strings, sequences, copies, matches, objects,
)  # fmt: skip


def main() -> None:
    """Run every part in turn, and print what each took of CPU and what all took together."""
    parser = argparse.ArgumentParser(prog="benchmarks.profiling.mix", description=__doc__.partition("\n")[0])
    parser.add_argument("--loops", type=int, default=3)
    loops = parser.parse_args().loops
    parts = dict.fromkeys((part.__name__ for part in PARTS), 0.0)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(loops):
        for part in PARTS:
            before = time.process_time()
            part()
            parts[part.__name__] += time.process_time() - before
    took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - began, "parts": parts}
    print("RESULT", json.dumps(took))


if __name__ == "__main__":
    main()
