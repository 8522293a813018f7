"""Invariant: profiles add up and come apart again as numbers do, whatever the order of their samples."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from clearway.pprof import Profile
from clearway.pprof.arithmetic import by_stack, difference, merged
from clearway.pprof.filters import focused, labelled
from clearway.pprof.totals import calls, total, totals
from tests.profiles.strategies import profiles

SMALL = profiles(values=st.integers(-50, 50))
COUNTS = profiles(values=st.integers(0, 50))


def rows(profile: Profile) -> dict[object, tuple[int, ...]]:
    """Return what a profile says, added up by hand; rows that say nothing are left out."""
    found: dict[object, tuple[int, ...]] = {}
    for stack, values, labels in profile.samples:
        before = found.get((stack, labels), (0,) * len(values))
        found[stack, labels] = tuple(one + other for one, other in zip(before, values, strict=True))
    return {key: values for key, values in found.items() if any(values)}


@given(SMALL, SMALL, SMALL)
def test_it_does_not_matter_which_are_merged_first(a: Profile, b: Profile, c: Profile) -> None:
    assert merged([merged([a, b]), c]) == merged([a, merged([b, c])]) == merged([a, b, c])


@given(SMALL, SMALL)
def test_the_order_of_merging_changes_no_number(a: Profile, b: Profile) -> None:
    assert rows(merged([a, b])) == rows(merged([b, a]))


@given(SMALL)
def test_a_profile_merged_alone_says_the_same(a: Profile) -> None:
    assert rows(merged([a])) == rows(a)
    assert replace(merged([a]), samples=()) == replace(
        a, samples=(), comments=tuple(dict.fromkeys(a.comments))
    )


@given(SMALL, SMALL)
def test_what_was_merged_comes_apart_again(a: Profile, b: Profile) -> None:
    assert rows(difference(merged([a, b]), b)) == rows(a)


@given(SMALL, SMALL)
def test_a_difference_has_no_row_without_a_change(a: Profile, b: Profile) -> None:
    found = difference(a, b)

    assert all(any(sample.values) for sample in found.samples)
    assert difference(a, a).samples == ()
    assert rows(merged([b, found])) == rows(a)


@given(COUNTS)
def test_forgetting_labels_keeps_every_number(a: Profile) -> None:
    found = by_stack(a)

    assert totals(found, 1) == totals(a, 1)
    assert len({sample.stack for sample in found.samples}) == len(found.samples)
    assert not any(sample.labels for sample in found.samples)


@given(COUNTS)
def test_flat_adds_up_to_the_whole(a: Profile) -> None:
    with_stack = replace(a, samples=tuple(sample for sample in a.samples if sample.stack))
    found = totals(a, 0)

    assert sum(each.flat for each in found) == total(with_stack, 0)
    assert all(each.flat <= each.cum <= total(a, 0) for each in found)


@given(COUNTS)
def test_what_a_caller_passes_is_what_a_callee_gets(a: Profile) -> None:
    found = calls(a, 0, [each.function for each in totals(a, 0)])
    passed = {(each.total.function, callee): value for each in found for callee, value in each.callees}
    got = {(caller, each.total.function): value for each in found for caller, value in each.callers}

    assert passed == got
    assert all(value <= each.total.cum for each in found for _, value in each.callers + each.callees)


@given(COUNTS)
def test_a_filter_and_its_opposite_are_the_whole(a: Profile) -> None:
    kept = focused(a, "main|app").samples
    left = [
        sample
        for sample in a.samples
        if not any("main" in frame.function or "app" in frame.filename for frame in sample.stack)
    ]

    assert Counter(a.samples) == Counter([*kept, *left])
    assert focused(a, "") == replace(a, samples=tuple(sample for sample in a.samples if sample.stack))
    assert labelled(a, []) == a
