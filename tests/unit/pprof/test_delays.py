"""Waits are added up by where they were and under which labels."""

from __future__ import annotations

import sys

import pytest

from clearway.pprof import delays, labels
from clearway.pprof.delays import Delays, Wait
from clearway.pprof.stacks import outward


def test_waits_at_one_site_are_one_sample() -> None:
    kept = Delays()
    for _ in range(3):
        kept.add(outward(sys._getframe()), Wait(1, 100))

    (sample,) = kept.profile().samples
    assert sample.values == (3, 300)
    assert sample.stack[0].function == "test_waits_at_one_site_are_one_sample"


def test_labels_keep_waits_apart() -> None:
    kept = Delays()
    for tenant in ("acme", "zenith"):
        with labels(tenant=tenant):
            kept.add([], Wait(1, 100))

    assert [each.labels[0].value for each in kept.profile().samples] == ["acme", "zenith"]


def test_parts_of_waits_are_rounded_when_they_are_read() -> None:
    kept = Delays()
    for _ in range(3):
        kept.add([], Wait(0.5, 0.5))

    assert kept.profile().samples[0].values == (2, 2)


def test_sites_beyond_the_limit_are_counted_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delays, "MOST_SITES", 1)
    kept = Delays()
    for tenant in ("acme", "zenith", "zenith"):
        with labels(tenant=tenant):
            kept.add([], Wait(1, 100))

    assert [each.values for each in kept.profile().samples] == [(1, 100), (2, 200)]
    assert kept.profile().samples[1].stack[0].function == "<lost samples>"


def test_a_child_begins_with_none() -> None:
    kept = Delays()
    kept.add([], Wait(1, 100))
    kept.begin_anew()

    assert kept.profile().samples == ()
