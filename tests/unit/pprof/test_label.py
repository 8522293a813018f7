"""Labels say who and what the running code works for."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from clearway.pprof import Labels, current_labels, labels, set_labels, with_labels
from clearway.pprof.label import labels_in


def pairs() -> dict[str, str]:
    return dict(current_labels().pairs)


def test_code_outside_of_any_label_has_none() -> None:
    assert contextvars.Context().run(pairs) == {}


def test_labels_hold_inside_and_end_with_the_block() -> None:
    with labels(route="/orders", tenant="acme"):
        assert pairs() == {"route": "/orders", "tenant": "acme"}

    assert pairs() == {}


def test_an_inner_block_adds_to_the_outer_one_and_replaces_its_keys() -> None:
    with labels(route="/orders", tenant="acme"):
        with labels(route="/orders/:id", step="load"):
            assert pairs() == {"route": "/orders/:id", "step": "load", "tenant": "acme"}
        assert pairs() == {"route": "/orders", "tenant": "acme"}


def test_labels_end_when_the_block_raises() -> None:
    with pytest.raises(ZeroDivisionError), labels(route="/orders"):
        raise ZeroDivisionError

    assert pairs() == {}


def test_a_value_that_is_no_text_becomes_one() -> None:
    with labels(shard=7):
        assert pairs() == {"shard": "7"}


def test_tasks_inherit_the_labels_of_who_starts_them() -> None:
    async def main() -> tuple[dict[str, str], dict[str, str]]:
        with labels(tenant="acme"):
            task = asyncio.create_task(child())
        return await task, pairs()

    async def child() -> dict[str, str]:
        with labels(step="load"):
            await asyncio.sleep(0)
            return pairs()

    assert asyncio.run(main()) == ({"tenant": "acme", "step": "load"}, {})


def test_a_set_of_labels_is_sorted_by_key() -> None:
    assert with_labels(Labels(()), b=1, a=2).pairs == (("a", "2"), ("b", "1"))


def test_labels_that_were_set_stay_in_their_context_alone() -> None:
    context = contextvars.Context()

    context.run(set_labels, with_labels(Labels(()), route="/x"))

    assert labels_in(context) == (("route", "/x"),)
    assert labels_in(contextvars.Context()) == ()
    assert pairs() == {}


@pytest.mark.parametrize("wrong", [None, {"route": "/x"}, (("route", "/x"),)])
def test_only_labels_can_be_set(wrong: object) -> None:
    with pytest.raises(TypeError, match="with_labels"):
        set_labels(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [((1, "x"),), (("x", None),), ("xy",), (("a", "b", "c"),)])
def test_labels_are_pairs_of_texts(wrong: object) -> None:
    with pytest.raises(TypeError, match="pairs of str and str"):
        Labels(wrong)  # type: ignore[arg-type]


def test_a_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Labels((("x", "\ud800"),))
