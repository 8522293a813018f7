"""Every public name says what it does: the reference lives beside the code, where it cannot drift."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.house.doors import DOORS, door, is_ours, members, public
from tests.house.source import modules, parse


def own_doc(name: str, thing: object) -> str:
    """Return the docstring that somebody wrote for `thing`; dataclasses and named tuples invent one."""
    doc = vars(thing).get("__doc__") if inspect.isclass(thing) else getattr(thing, "__doc__", None)
    return "" if doc is None or doc.startswith(f"{name}(") else doc


def has_code(thing: object) -> bool:
    return inspect.isclass(thing) or inspect.isfunction(thing)


def explained_constants(package: str) -> Iterator[str]:
    """Give each module-level constant below `package` with a string after it or a comment by it."""
    for path in [path for name, path in modules().items() if f"{name}.".startswith(f"{package}.")]:
        lines = path.read_text().splitlines()
        for node, after in pairwise([*parse(path).body, None]):
            by_it = lines[max(node.lineno - 2, 0) : node.lineno]
            if is_text(after) or any("#" in line for line in by_it):
                yield from (target.id for target in targets(node) if isinstance(target, ast.Name))


def targets(node: ast.stmt) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=several):
            return several
        case ast.AnnAssign(target=one):
            return [one]
    return []


def is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


@pytest.mark.parametrize("name", DOORS)
def test_a_door_says_what_is_behind_it_and_what_it_promises(name: str) -> None:
    assert door(name).__doc__
    assert hasattr(door(name), "__all__")


@pytest.mark.parametrize("name", DOORS)
def test_every_public_class_and_function_has_a_docstring(name: str) -> None:
    ours = {each: thing for each, thing in public(name).items() if has_code(thing) and is_ours(thing)}

    assert not [each for each, thing in ours.items() if not own_doc(each, thing)]


@pytest.mark.parametrize("name", DOORS)
def test_every_public_method_has_a_docstring(name: str) -> None:
    classes = [thing for thing in public(name).values() if inspect.isclass(thing) and is_ours(thing)]
    bare = [
        f"{cls.__name__}.{each}"
        for cls in classes
        for each in members(cls)
        if not inspect.getdoc(getattr(cls, each))  # a method may inherit what its protocol says
    ]

    assert bare == []


@pytest.mark.parametrize("name", DOORS)
def test_every_public_constant_is_explained(name: str) -> None:
    constants = {
        each for each, thing in public(name).items() if not has_code(thing) and not inspect.isbuiltin(thing)
    }

    assert constants - set(explained_constants(name)) == set()


@pytest.mark.parametrize("name", DOORS)
def test_a_docstring_begins_with_one_sentence(name: str) -> None:
    first_lines = {
        each: own_doc(each, thing).strip().partition("\n")[0]
        for each, thing in public(name).items()
        if has_code(thing) and is_ours(thing)
    }

    assert {each: line for each, line in first_lines.items() if not line.endswith((".", "?", ":"))} == {}
    assert {each: line for each, line in first_lines.items() if line.startswith("This ")} == {}
