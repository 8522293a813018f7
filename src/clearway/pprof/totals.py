"""What each function has by itself and with all that it called, and between which functions it passed.

The rules are those of `go tool pprof`: a function counts once per sample, however often a stack has it, and
so does a call. A call of a function by itself is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from clearway.pprof.profile import Frame, Profile

__all__ = ["Calls", "Function", "Total", "calls", "shown_first", "total", "totals"]


class Function(NamedTuple):
    """A function, whatever its lines: `name` and `filename`."""

    name: str
    filename: str


class Total(NamedTuple):
    """What a function has by itself, `flat`, and with all that it called, `cum`."""

    function: Function
    flat: int
    cum: int


class Calls(NamedTuple):
    """What reached a function through each caller, and what it passed to each callee; largest first."""

    total: Total
    callers: list[tuple[Function, int]]
    callees: list[tuple[Function, int]]


def totals(profile: Profile, index: int) -> list[Total]:
    """Return every function of a profile, by the values at `index`; the largest flat first, then cum.

    for each in totals(profile, profile.index("inuse_space"))[:10]:
        print(each.flat, each.cum, each.function.name)
    """
    flat: Counter[Function] = Counter()
    cum: Counter[Function] = Counter()
    for sample in profile.samples:
        value = sample.values[index]
        stack = _functions(sample.stack)
        for leaf in stack[:1]:
            flat[leaf] += value
        for each in set(stack):
            cum[each] += value
    made = [Total(each, flat[each], value) for each, value in cum.items()]
    return sorted(made, key=lambda each: (-abs(each.flat), -abs(each.cum), each.function))


def shown_first(profile: Profile) -> int:
    """Return the place of the sample type that readers begin with: the named one, or else the last."""
    names = [each.type for each in profile.sample_types]
    return (
        names.index(profile.default_sample_type) if profile.default_sample_type in names else len(names) - 1
    )


def total(profile: Profile, index: int) -> int:
    """Return what all samples have at `index` together: the whole that shares are told of.

    Of a difference it is the sum of what grew and what shrank, each without its sign.
    """
    return sum(abs(sample.values[index]) for sample in profile.samples)


def calls(profile: Profile, index: int, functions: Iterable[Function]) -> list[Calls]:
    """Return who called each of `functions` and whom it called; the largest cum first."""
    found = {each.function: each for each in totals(profile, index)}
    edges: Counter[tuple[Function, Function]] = Counter()
    for sample in profile.samples:
        passed = {
            (caller, callee) for callee, caller in pairwise(_functions(sample.stack)) if caller != callee
        }
        for edge in passed:
            edges[edge] += sample.values[index]
    made = [
        Calls(
            found[each],
            _largest((caller, value) for (caller, callee), value in edges.items() if callee == each),
            _largest((callee, value) for (caller, callee), value in edges.items() if caller == each),
        )
        for each in set(functions) & set(found)
    ]
    return sorted(made, key=lambda each: (-abs(each.total.cum), each.total.function))


def _functions(stack: tuple[Frame, ...]) -> list[Function]:
    return [Function(frame.function, frame.filename) for frame in stack]


def _largest(rows: Iterable[tuple[Function, int]]) -> list[tuple[Function, int]]:
    return sorted(rows, key=lambda row: (-abs(row[1]), row[0]))
