"""The fields of a Conn, in C: what Python cannot see, it must not be able to break."""

from __future__ import annotations

import copy
import gc
import sys
import weakref

import pytest

from clearway.plug import Conn
from clearway.plug._values import Fields
from clearway.testing import conn

REQUEST = conn("GET", "/orders/7")


class Holder:
    """Something that a conn can hold, and whose end can be seen."""


def test_a_copy_differs_in_the_fields_named_and_in_no_other() -> None:
    changed = REQUEST._with(route="/orders/:id", halted=True)

    assert (changed.route, changed.halted, changed.path) == ("/orders/:id", True, "/orders/7")
    assert (REQUEST.route, REQUEST.halted) == (None, False)
    assert changed.__class__ is Conn


def test_a_copy_of_a_subclass_is_of_that_subclass() -> None:
    class Own(Fields):
        __slots__ = ()

    assert Own()._with(path="/").__class__ is Own


def test_a_name_that_is_not_interned_is_found_too() -> None:
    name = "".join(["rou", "te"])

    assert REQUEST._with(**{name: "/x"}).route == "/x"


@pytest.mark.parametrize("wrong", [{"colour": 1}, {"path": "/", "": 1}, {"_with": 1}])
def test_an_unknown_field_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="a Conn has no field"):
        REQUEST._with(**wrong)  # type: ignore[arg-type]


def test_values_without_a_name_are_refused() -> None:
    with pytest.raises(TypeError, match="keywords alone"):
        REQUEST._with("/path")  # type: ignore[call-arg]


def test_a_field_can_be_neither_assigned_nor_deleted() -> None:
    bare = Fields()

    with pytest.raises(AttributeError):
        bare.path = "/"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del bare.path
    with pytest.raises(AttributeError):
        object.__setattr__(REQUEST, "path", "/")
    assert REQUEST.path == "/orders/7"


def test_a_field_that_was_never_set_says_so() -> None:
    with pytest.raises(AttributeError, match="path"):
        _ = Fields().path


def test_the_collector_finds_a_cycle_through_a_conn() -> None:
    holder = Holder()
    holder.conn = REQUEST.assign("holder", holder)  # type: ignore[attr-defined]
    gone = weakref.ref(holder)

    del holder
    gc.collect()

    assert gone() is None


def test_a_conn_keeps_what_it_holds_exactly_as_long_as_it_lives() -> None:
    value = Holder()
    before = sys.getrefcount(value)

    held = [REQUEST.assign("a", value).put_route("/x", {}).halt() for _ in range(100)]
    assert sys.getrefcount(value) == before + 100  # one dict each, shared by its copies
    del held

    assert sys.getrefcount(value) == before


def test_a_refused_change_keeps_nothing() -> None:
    value = Holder()
    before = sys.getrefcount(value)

    with pytest.raises(TypeError):
        REQUEST._with(route=value, colour=value)  # type: ignore[call-arg,arg-type]

    assert sys.getrefcount(value) == before


def test_a_conn_cannot_be_pickled_or_copied_past_its_verbs() -> None:
    with pytest.raises(TypeError):
        copy.copy(REQUEST)
