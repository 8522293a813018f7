"""How long a profile takes to encode, and how long another thread waits meanwhile.

python -m benchmarks.pprof_encode [--stacks 5000] [--depth 30] [--rounds 20]
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from itertools import pairwise

from benchmarks.numbers import Spread, percentile
from clearway.pprof import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.proto import decode, encode

TYPES = ("alloc_objects", "alloc_space", "inuse_objects", "inuse_space")
FUNCTIONS, LINES, ROUTES = 1_000, 3_000, 40
WAKES_EACH_S = 0.001


def made(stacks: int, depth: int, seed: int = 1) -> Profile:
    """Return a heap profile whose frames are shared, as a service has them."""
    chance = random.Random(seed)
    frames = [
        Frame(f"Part{n % FUNCTIONS}.work", f"/srv/app/part{n % 97}.py", n, n - n % 3) for n in range(LINES)
    ]
    samples = [
        Sample(
            tuple(chance.choices(frames, k=depth)),
            tuple(chance.randrange(1_000_000) for _ in TYPES),
            (Label("route", f"/orders/{n % ROUTES}"),),
        )
        for n in range(stacks)
    ]
    kinds = tuple(ValueType(each, "bytes" if each.endswith("space") else "count") for each in TYPES)
    return Profile(kinds, tuple(samples), ValueType("space", "bytes"), 524_288, 0, 0, "inuse_space")


def timed(work: object, *args: object) -> float:
    """Return how many milliseconds a call takes."""
    assert callable(work)
    began = time.perf_counter()
    work(*args)
    return 1e3 * (time.perf_counter() - began)


def steps(profile: Profile) -> list[float]:
    """Return how many milliseconds lie between two calls of `give_way`."""
    calls: list[float] = []
    encode(profile, give_way=lambda: calls.append(time.perf_counter()))
    return [1e3 * (after - before) for before, after in pairwise(calls)]


def waits(profile: Profile, pause_s: float) -> list[float]:
    """Return by how many milliseconds a thread that wakes each millisecond is late while we encode."""
    late: list[float] = []
    done = threading.Event()

    def service() -> None:
        while not done.is_set():
            began = time.perf_counter()
            time.sleep(WAKES_EACH_S)
            late.append(1e3 * (time.perf_counter() - began - WAKES_EACH_S))

    thread = threading.Thread(target=service)
    thread.start()
    encode(profile, give_way=lambda: time.sleep(pause_s))
    done.set()
    thread.join()
    return late


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", type=int, default=5_000)
    parser.add_argument("--depth", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    profile = made(args.stacks, args.depth)
    data = encode(profile)
    print(f"{args.stacks:,} stacks of {args.depth} frames: {len(data):,} bytes")
    print(f"encode  {Spread.of([timed(encode, profile) for _ in range(args.rounds)]).text(1)} ms")
    print(f"decode  {Spread.of([timed(decode, data) for _ in range(args.rounds)]).text(1)} ms")
    for name, found in (
        ("step between two calls of give_way", [ms for _ in range(args.rounds) for ms in steps(profile)]),
        *(
            (
                f"wait of a thread, give_way sleeps {pause_us} us",
                [ms for _ in range(args.rounds) for ms in waits(profile, pause_us / 1e6)],
            )
            for pause_us in (0, 50)
        ),
    ):
        shown = "  ".join(f"p{percent} {percentile(found, percent):.2f}" for percent in (50, 99, 100))
        print(f"{name}: {shown} ms")


if __name__ == "__main__":
    main()
