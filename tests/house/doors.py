"""The public doors of Clearway: what each part's `__all__` promises, imported and looked at."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType

from tests.house.source import packages

# Packages are doors, and so are the two modules of the lowest layer. cli has none: its door is the shell.
DOORS = [name for name in (*packages(), "clearway.clock", "clearway.errors") if "cli" not in name.split(".")]


def door(name: str) -> ModuleType:
    """Return the module behind the door `name`."""
    return importlib.import_module(name)


def public(name: str) -> dict[str, object]:
    """Return what the door `name` promises, by name."""
    module = door(name)
    return {
        each: getattr(module, each) for each in getattr(module, "__all__", ()) if not each.startswith("__")
    }


def is_ours(thing: object) -> bool:
    """Tell whether we wrote `thing`: a door may hand on a name of the standard library."""
    return str(getattr(thing, "__module__", "")).partition(".")[0] == "clearway"


def members(cls: type) -> dict[str, object]:
    """Return the public methods and properties that `cls` itself defines, by name."""
    return {
        name: value
        for name, value in vars(cls).items()
        if not name.startswith("_") and is_method(value) and is_ours(inspect.unwrap(plain(value)))
    }


def is_method(value: object) -> bool:
    """Tell whether a class attribute holds code that a user calls."""
    return inspect.isfunction(value) or isinstance(value, staticmethod | classmethod | property)


def plain(value: object) -> object:
    """Return the function behind a method, a class method or a property."""
    return value.fget if isinstance(value, property) else getattr(value, "__func__", value)
