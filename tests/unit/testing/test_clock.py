"""A mock clock says what the test says."""

from __future__ import annotations

import pytest

from clearway.clock import Clock
from clearway.testing import MockClock


def test_time_passes_when_the_test_says_so() -> None:
    clock = MockClock(100.0)
    as_others_see_it: Clock = clock

    clock.advance(2.5)

    assert as_others_see_it() == clock.now == 102.5
    assert repr(clock) == "<MockClock 102.5>"


def test_time_does_not_pass_backwards() -> None:
    with pytest.raises(ValueError, match="jump"):
        MockClock().advance(-1)


def test_a_wall_clock_may_be_set_back() -> None:
    clock = MockClock(100.0)

    clock.jump(50.0)

    assert clock() == 50.0
