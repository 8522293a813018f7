"""What labels cost those who read and set them.

python -m benchmarks.pprof --only labels
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from clearway import pprof

REPEATS = 9


def nanoseconds(statement: str, **names: object) -> float:
    """Return how long a statement takes at best, its loop left out."""
    number = 200_000
    loop = min(timeit.repeat("pass", repeat=REPEATS, number=number))
    took = min(timeit.repeat(statement, globals=names, repeat=REPEATS, number=number))
    return (took - loop) / number * 1e9


def take() -> dict[str, float]:
    """Return nanoseconds by what was done; of `with labels` the whole statement."""
    with pprof.labels(route="/orders/:id", principal="acme", method="GET", upstream="service"):
        now = pprof.current_labels()
        names: dict[str, Callable[..., object]] = {
            "current_labels": pprof.current_labels,
            "set_labels": pprof.set_labels,
            "labels": pprof.labels,
        }
        return {
            "read: current_labels()": nanoseconds("current_labels()", **names),
            "set: set_labels(made)": nanoseconds("set_labels(made)", made=now, **names),
            'with labels(tenant="acme")': nanoseconds('with labels(tenant="acme"): pass', **names),
        }
