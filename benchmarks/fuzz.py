# The invariant: whatever bytes a client or an upstream sends, in whatever pieces, nothing is raised that
# nobody handles, everything comes to rest, and what goes out on the other side is strict HTTP that means
# what came in.
"""Throw broken messages at the gateway.

$ python -m benchmarks.fuzz --inputs 1000000 [--seed 1 [--only 17]]
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import time
from random import Random

from benchmarks.fuzzing.corpus import REQUESTS, RESPONSES, TOKENS
from benchmarks.fuzzing.mutate import cut, mutate
from benchmarks.fuzzing.trial import BrokenError, Trial
from tests.wire.memory import MemoryLoop

__all__ = ["fuzz", "main"]

PATIENCE_S = 5.0  # an input that takes longer hangs
REPORT_EVERY = 50_000


async def fuzz(seed: int, inputs: range, trial: Trial) -> None:
    """Try `inputs`, each made from `seed` and its number; raise `BrokenError` with the input that fails."""
    for number in inputs:
        chance = Random(f"{seed}:{number}")
        is_request = chance.random() < 0.6
        data = mutate(chance, REQUESTS if is_request else RESPONSES, TOKENS)
        pieces = cut(chance, data)
        eof = chance.random() < 0.5
        trying = trial.try_request(pieces) if is_request else trial.try_response(pieces, eof=eof)
        try:
            await asyncio.wait_for(trying, PATIENCE_S)
        except Exception as error:
            kind = "request" if is_request else f"response, eof={eof}"
            raise BrokenError(f"input {number} of seed {seed} ({kind}): {pieces!r}: {error!r}") from error
        if number % REPORT_EVERY == REPORT_EVERY - 1 and number + 1 < len(inputs):
            _report(number + 1, trial)


def _report(done: int, trial: Trial) -> None:
    print(f"{done:>9,}", ", ".join(f"{word}: {count:,}" for word, count in sorted(trial.counts.items())))


async def _run(seed: int, inputs: range) -> None:
    trial = await Trial().open()
    try:
        await fuzz(seed, inputs, trial)
    finally:
        _report(len(inputs), trial)
        trial.close()


def main() -> int:
    """Run the command and return its exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--inputs", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    options.add_argument("--only", type=int, help="try one input, by its number")
    asked = options.parse_args()
    inputs = range(asked.inputs) if asked.only is None else range(asked.only, asked.only + 1)
    print(f"seed {asked.seed}, {len(inputs):,} inputs")
    started = time.perf_counter()
    try:
        with asyncio.Runner(loop_factory=MemoryLoop) as runner:
            runner.run(_run(asked.seed, inputs))
    except BrokenError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"held, in {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
