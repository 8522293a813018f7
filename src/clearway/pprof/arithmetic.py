"""Profiles added up and taken from each other. Samples meet where stack and labels are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import add, sub
from typing import TypeAlias

from clearway.pprof.errors import BadParameterError
from clearway.pprof.profile import Frame, Label, Profile, Sample

__all__ = ["by_stack", "difference", "merged", "spanned"]

_Key: TypeAlias = tuple[tuple[Frame, ...], tuple[Label, ...]]
_Rows: TypeAlias = dict[_Key, tuple[int, ...]]

# Samples between two calls of `give_way`. One of 30 frames takes 3 us to look up: half a millisecond.
_STEP = 128


def _stay() -> None:
    """Give way to nobody."""


def difference(after: Profile, before: Profile, give_way: Callable[[], object] = _stay) -> Profile:
    """Return what was added between two profiles; what became less is negative, what stayed is left out.

        before = heap.snapshot()
        load()
        grown = difference(heap.snapshot(), before)

    The time it covers is the one between them, or for recordings that of `after`, whose comments it keeps.

    Options:
        give_way: Called after each half millisecond of work or so; one that sleeps lets other threads run.

    Raises `BadParameterError` where the two count different things.
    """
    _same_kind((after, before))
    rows: _Rows = {}
    _gather(rows, after, add, give_way)
    _gather(rows, before, sub, give_way)
    return spanned(after, before, _samples(rows, only_changes=True))


def spanned(after: Profile, before: Profile, samples: Sequence[Sample]) -> Profile:
    """Return a profile of the time between two, given the samples of their difference."""
    return replace(
        after,
        samples=samples,
        duration_ns=after.duration_ns or max(after.time_ns - before.time_ns, 0),
    )


def merged(profiles: Iterable[Profile], give_way: Callable[[], object] = _stay) -> Profile:
    """Return the sum of at least one profile.

        fleet = merged(decode(each.read_bytes()) for each in Path("profiles").glob("*.pb.gz"))

    It begins with the earliest of them, lasts as long as all together, and has the longest period.

    Options:
        give_way: Called after each half millisecond of work or so; one that sleeps lets other threads run.

    Raises `BadParameterError` where two count different things, or where there is none.
    """
    several = list(profiles)
    if not several:
        raise BadParameterError("there is no profile to merge")
    _same_kind(several)
    rows: _Rows = {}
    for each in several:
        _gather(rows, each, add, give_way)
    return replace(
        several[0],
        samples=_samples(rows),
        period=max(each.period for each in several),
        time_ns=min(each.time_ns for each in several),
        duration_ns=sum(each.duration_ns for each in several),
        default_sample_type=next(filter(None, (each.default_sample_type for each in several)), ""),
        comments=tuple(dict.fromkeys(comment for each in several for comment in each.comments)),
    )


def by_stack(profile: Profile, keep: Callable[[Label], bool] = lambda label: False) -> Profile:
    """Return `profile` with one sample for each stack, its labels forgotten.

    Options:
        keep: Tells which labels still keep samples apart.
    """
    plain = (each._replace(labels=tuple(filter(keep, each.labels))) for each in profile.samples)
    return merged([replace(profile, samples=tuple(plain))])


def _same_kind(profiles: Sequence[Profile]) -> None:
    for each in profiles[1:]:
        if each.sample_types != profiles[0].sample_types:
            kinds = (", ".join(kind.type for kind in one.sample_types) for one in (profiles[0], each))
            raise BadParameterError(f"the profiles count different things: {' and '.join(kinds)}")


def _gather(
    rows: _Rows, profile: Profile, verb: Callable[[int, int], int], give_way: Callable[[], object]
) -> None:
    zero = (0,) * len(profile.sample_types)
    for number, (stack, values, labels) in enumerate(profile.samples, 1):
        key = (stack, labels)
        rows[key] = tuple(map(verb, rows.get(key, zero), values))
        if number % _STEP == 0:
            give_way()


def _samples(rows: _Rows, *, only_changes: bool = False) -> tuple[Sample, ...]:
    def made() -> Iterator[Sample]:
        for (stack, labels), values in rows.items():
            if any(values) or not only_changes:
                yield Sample(stack, values, labels)

    return tuple(made())
