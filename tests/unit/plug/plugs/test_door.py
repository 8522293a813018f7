"""The door of the built-in plugs names them all and loads those that are asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from clearway.plug import plugs

LOADS = "import sys; from clearway.plug.plugs import RequestId; print(*sorted(sys.modules))"


@pytest.mark.parametrize("name", plugs.__all__)
def test_every_promised_name_is_there(name: str) -> None:
    assert getattr(plugs, name).__name__ == name


def test_every_module_of_a_plug_is_behind_the_door() -> None:
    folder = Path(plugs.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert {getattr(plugs, name).__module__.rpartition(".")[2] for name in plugs.__all__} == modules


def test_the_names_are_sorted_and_listed() -> None:
    assert plugs.__all__ == sorted(plugs.__all__) == dir(plugs)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Teapot"):
        import_module("clearway.plug.plugs").Teapot  # noqa: B018


@pytest.mark.slow
def test_one_plug_does_not_load_what_another_needs() -> None:
    done = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=True)

    assert {"asyncio", "bcrypt", "argon2", "cryptography"} & set(done.stdout.split()) == set()
