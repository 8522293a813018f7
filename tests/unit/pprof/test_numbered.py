"""From the sampler's numbers to frames and labels, each read once."""

from __future__ import annotations

from typing import Any

from clearway.pprof.numbered import Numbered
from clearway.pprof.profile import Frame, Label


class Tables:
    """Tables of three lines, that remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def stack(self, number: int) -> tuple[int, ...]:
        return ((0, 1), (1, 2), ())[number]

    def location(self, number: int) -> tuple[str, str, int, int]:
        self.asked.append(number)
        return f"function{number}", "file.py", number + 10, number

    def labels(self, number: int) -> list[str]:
        self.asked.append(100 + number)
        return ["route", "/x", "tenant", ""][: 2 * number]


def numbered() -> tuple[Numbered, list[int]]:
    tables: Any = Tables()
    return Numbered(tables), tables.asked


def test_a_stack_is_its_frames_leaf_first() -> None:
    names, _ = numbered()

    assert names.stack(1) == (Frame("function1", "file.py", 11, 1), Frame("function2", "file.py", 12, 2))
    assert names.stack(2) == ()


def test_a_line_is_read_once_and_is_one_object_in_all_stacks() -> None:
    names, asked = numbered()

    first, second = names.stack(0), names.stack(1)
    names.stack(0)

    assert sorted(set(asked)) == [0, 1, 2]
    assert len(asked) <= 4
    assert first[1] == second[0]


def test_a_set_of_labels_is_read_once() -> None:
    names, asked = numbered()

    assert names.labels(2) == (Label("route", "/x"), Label("tenant", ""))
    names.labels(2)
    assert asked == [102]


def test_no_labels_have_a_number_of_their_own() -> None:
    names, asked = numbered()

    assert names.labels(0xFFFFFFFF) == ()
    assert asked == []
