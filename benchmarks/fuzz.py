# The invariant: whatever bytes a client or an upstream sends, in whatever pieces, nothing is raised that
# nobody handles, everything comes to rest, and what goes out on the other side is strict HTTP that means
# what came in.
"""Throw broken messages at the gateway.

$ python -m benchmarks.fuzz --inputs 1000000 [--seed 1 [--only 17]]
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import secrets
import sys
import time
from collections.abc import Callable
from random import Random

from benchmarks.fuzzing.compare import BrokenError
from benchmarks.fuzzing.corpus import REQUESTS, RESPONSES, TOKENS
from benchmarks.fuzzing.mutate import cut, mutate
from benchmarks.fuzzing.trial import ASKED, ENDS, ROOMS, Trial
from tests.wire.memory import MemoryLoop

__all__ = ["fuzz", "main"]

PATIENCE_S = 60.0  # an input that takes longer hangs; a usual one takes a millisecond
REPORT_EVERY = 50_000
STEP = 1_000


async def fuzz(
    seed: int, inputs: range, trial: Trial, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Try `inputs`, each made from `seed` and its number; raise `BrokenError` with the input that fails.

    `progress` is called with the number of every thousandth input.
    """
    for number in inputs:
        if number % STEP == 0:
            progress(number)
        chance = Random(f"{seed}:{number}")
        is_request = chance.random() < 0.6
        data = mutate(chance, REQUESTS if is_request else RESPONSES, TOKENS)
        pieces = cut(chance, data)
        end = chance.choice(ENDS)
        trial.mode = chance.randrange(3)
        trial.room = chance.choice(ROOMS)
        if is_request:
            trying = trial.try_request(pieces, end)
        else:
            asked = chance.choice(ASKED)
            trying = trial.try_response(pieces, end, asked)
        try:
            await asyncio.wait_for(trying, PATIENCE_S)
        except Exception as error:
            kind = "request" if is_request else f"response to {asked[0][:4]!r}"
            how = f"mode {trial.mode}, room {trial.room}, whose sender {end}"
            raise BrokenError(
                f"input {number} of seed {seed} ({kind}, {how}): {pieces!r}: {error!r}"
            ) from error


def _report(done: int, trial: Trial) -> None:
    print(f"{done:>9,}", ", ".join(f"{word}: {count:,}" for word, count in sorted(trial.counts.items())))


async def _run(seed: int, inputs: range) -> None:
    trial = await Trial().open()

    def progress(number: int) -> None:
        # What never gives way to the loop, no timeout of the loop can end.
        faulthandler.dump_traceback_later(STEP * PATIENCE_S / 100, exit=True)
        if number and number % REPORT_EVERY == 0:
            _report(number, trial)

    try:
        await fuzz(seed, inputs, trial, progress)
    finally:
        faulthandler.cancel_dump_traceback_later()
        trial.close()
    _report(len(inputs), trial)


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
