"""What becomes of times, periods and comments when profiles are added up or taken from each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from clearway.pprof import BadParameterError, Frame, Label, Profile, Sample, ValueType
from clearway.pprof.arithmetic import by_stack, difference, merged
from tests.profiles.examples import ACME, HEAP, LOAD, MAIN, SAVE, SIZE, heap

LATER = replace(HEAP, time_ns=HEAP.time_ns + 5, comments=("4 samples were lost",), default_sample_type="")


def test_a_difference_has_what_changed_and_no_more() -> None:
    before = heap(Sample((LOAD,), (1, 10)), Sample((MAIN,), (2, 20)), Sample((SAVE,), (3, 30)))
    after = heap(Sample((LOAD,), (4, 40)), Sample((MAIN,), (2, 20)))

    assert difference(after, before).samples == (Sample((LOAD,), (3, 30)), Sample((SAVE,), (-3, -30)))


def test_labels_keep_samples_apart() -> None:
    one, other = Sample((MAIN,), (1, 10), (ACME,)), Sample((MAIN,), (1, 10))

    assert difference(heap(one), heap(other)).samples == (one, other._replace(values=(-1, -10)))
    assert merged([heap(one), heap(other)]).samples == (one, other)


def test_a_difference_covers_the_time_between_two_moments() -> None:
    assert difference(LATER, HEAP).duration_ns == 5
    assert difference(HEAP, LATER).duration_ns == 0
    assert difference(replace(LATER, duration_ns=30), HEAP).duration_ns == 30
    assert difference(LATER, HEAP).comments == ("4 samples were lost",)


def test_a_sum_lasts_as_long_as_all_together() -> None:
    found = merged([replace(LATER, duration_ns=2, period=9), replace(HEAP, duration_ns=3)])

    assert (found.time_ns, found.duration_ns, found.period) == (HEAP.time_ns, 5, HEAP.period)
    assert found.comments == ("4 samples were lost", "3 samples were lost")
    assert found.default_sample_type == "inuse_space"


def test_some_labels_may_still_keep_stacks_apart() -> None:
    found = by_stack(HEAP, keep=lambda label: label.key == "tenant")

    assert [sample.labels for sample in found.samples[:2]] == [(ACME,), (ACME,)]
    assert SIZE not in {label for sample in found.samples for label in sample.labels}


@pytest.mark.parametrize("both", [difference, lambda one, other: merged([one, other])])
def test_profiles_of_different_things_are_refused(both: Callable[[Profile, Profile], Profile]) -> None:
    cpu = replace(HEAP, sample_types=(ValueType("cpu", "nanoseconds"),), samples=())

    with pytest.raises(BadParameterError) as caught:
        both(HEAP, cpu)
    assert str(caught.value) == "the profiles count different things: inuse_objects, inuse_space and cpu"


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(BadParameterError) as caught:
        merged([])
    assert str(caught.value) == "there is no profile to merge"


def test_long_profiles_give_way() -> None:
    long = heap(*(Sample((Frame("f", "a.py", n),), (1, 1), (Label("n", n),)) for n in range(1_000)))
    calls: list[None] = []

    difference(long, HEAP, give_way=lambda: calls.append(None))
    merged([long, long], give_way=lambda: calls.append(None))

    assert len(calls) == 3 * 7
