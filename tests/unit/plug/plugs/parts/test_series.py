"""Requests are counted where they belong, and no client can make the table grow."""

from __future__ import annotations

import pytest

from clearway.plug.plugs.parts.series import SeriesTable


def a_table(*, by_class: bool = False, max_series: int = 100) -> SeriesTable:
    return SeriesTable(bounds=(0.1, 1.0), by_class=by_class, max_series=max_series)


@pytest.mark.parametrize(
    ("duration_s", "buckets"),
    [(0.0, [1, 0, 0]), (0.1, [1, 0, 0]), (0.1001, [0, 1, 0]), (1.0, [0, 1, 0]), (99.0, [0, 0, 1])],
)
def test_a_duration_falls_into_the_bucket_that_reaches_it(duration_s: float, buckets: list[int]) -> None:
    table = a_table()
    table.add("/", "GET", 200, duration_s, 7)

    assert table.rows() == [(("/", "GET", "200"), [*buckets, duration_s, 7])]


def test_requests_of_one_kind_add_up() -> None:
    table = a_table()
    for _ in range(3):
        table.add("/", "GET", 200, 0.5, 10)

    assert table.rows() == [(("/", "GET", "200"), [0, 3, 0, 1.5, 30])]


@pytest.mark.parametrize(
    ("said", "by_class", "labels"),
    [
        (("/a/:id", "GET", 200), False, ("/a/:id", "GET", "200")),
        (("/a/:id", "GET", 404), True, ("/a/:id", "GET", "4xx")),
        ((None, "GET", 404), False, ("unmatched", "GET", "404")),
        (("/", "BREW", 200), False, ("/", "other", "200")),
        (("/", "get", 200), False, ("/", "other", "200")),
        (("/", "GET", None), False, ("/", "GET", "none")),
        (("/", "GET", None), True, ("/", "GET", "none")),
    ],
)
def test_labels_are_words_of_ours(
    said: tuple[str | None, str, int | None], by_class: bool, labels: tuple[str, str, str]
) -> None:
    table = a_table(by_class=by_class)
    table.add(*said, 0.0, 0)

    assert [named for named, _ in table.rows()] == [labels]


def test_made_up_methods_cost_no_memory() -> None:
    table = a_table()
    for number in range(1000):
        table.add("/", f"METHOD{number}", 200, 0.0, 0)

    assert len(table) == 1
    assert len(table._rows) == 0


def test_statuses_of_one_class_share_a_series() -> None:
    table = a_table(by_class=True)
    for status in range(200, 300):
        table.add("/", "GET", status, 0.0, 0)

    assert [(named, row[0]) for named, row in table.rows()] == [(("/", "GET", "2xx"), 100)]


def test_past_its_bound_everything_is_other_and_nothing_is_lost() -> None:
    table = a_table(max_series=3)
    for number in range(1000):
        table.add(f"/{number}", "GET", 200, 0.0, 1)
    table.add("/0", "GET", 200, 0.0, 1)

    named = dict(table.rows())
    assert len(named) == 4
    assert named["other", "other", "other"][0] == 997  # type: ignore[index]
    assert named["/0", "GET", "200"][0] == 2  # type: ignore[index]
    assert len(table._rows) <= 12
