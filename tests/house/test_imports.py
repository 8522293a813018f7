"""Who may import whom. To change the policy, change its table in a commit of its own and say why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.house.source import Import, imports, modules, short

# Lowest first. A part may import every part of the layers below its own, and itself.
# It never imports a sibling: two parts of one layer meet in a part above them.
# A module belongs to the longest name here that it begins with, so `clearway.plug.plugs` is no part of
# `clearway.plug`, whose core may not know its built-in plugs nor jose.
LAYERS = (
    ("clearway.errors", "clearway.clock"),
    ("clearway.plug", "clearway.plug.jose", "clearway.sched", "clearway.xray", "clearway.pprof"),
    ("clearway.plug.plugs", "clearway.http", "clearway.pprof.endpoints", "clearway.pprof.diagnose"),
    ("clearway.gateway",),
    ("clearway.testing", "clearway.lab"),
    ("clearway.cli",),
    ("clearway.__main__",),
)

# What a part may use that is neither ours nor in the standard library. A part that is not named uses nothing.
THIRD_PARTY = {
    "clearway.plug.jose": {"cryptography"},
    "clearway.plug.plugs": {"argon2", "bcrypt"},
    "clearway.sched": {"greenlet"},
    "clearway.http": {"httptools", "uvloop", "websockets"},
    "clearway.gateway": {"pydantic", "pydantic_core", "uvloop"},
    "clearway.cli": {"click", "rich", "watchfiles"},
}

# What cli may load before a command runs: `clearway --help` must not pay for the gateway.
EAGER_IN_CLI = ("clearway", "clearway.cli", "clearway.errors")

LAYER_OF = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}
ROOT_MODULE = "clearway"  # holds the version alone, so that anybody may import it


def part_of(module: str) -> str:
    owners = [part for part in LAYER_OF if f"{module}.".startswith(f"{part}.")]
    return max(owners, key=len, default=ROOT_MODULE)


def is_allowed(importer: str, imported: str) -> bool:
    ours, theirs = part_of(importer), part_of(imported)
    if theirs in (ours, ROOT_MODULE):
        return True
    return ours != ROOT_MODULE and LAYER_OF[theirs] < LAYER_OF[ours]


def is_ours(target: str) -> bool:
    return target.partition(".")[0] == ROOT_MODULE


def told(path: Path, found: list[Import]) -> str:
    return "\n".join(f"{short(path)}:{each.line} imports {each.target}" for each in found)


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_lower_layers(module: str) -> None:
    path = modules()[module]
    wrong = [each for each in imports(path) if is_ours(each.target) and not is_allowed(module, each.target)]
    assert not wrong, told(path, wrong)


@pytest.mark.parametrize("module", modules())
def test_a_module_uses_only_the_third_party_its_part_may(module: str) -> None:
    path, may_use = modules()[module], THIRD_PARTY.get(part_of(module), set())
    outside = [each for each in imports(path) if not is_ours(each.target)]
    wrong = [
        each
        for each in outside
        if (top := each.target.partition(".")[0]) not in sys.stdlib_module_names and top not in may_use
    ]
    assert not wrong, told(path, wrong)


@pytest.mark.parametrize("module", [name for name in modules() if part_of(name) == "clearway.cli"])
def test_cli_imports_other_parts_inside_its_functions(module: str) -> None:
    path = modules()[module]
    wrong = [
        each
        for each in imports(path)
        if is_ours(each.target)
        and not (each.in_function or each.for_types)
        and each.target not in EAGER_IN_CLI
        and part_of(each.target) != "clearway.cli"
    ]
    assert not wrong, told(path, wrong)


def test_every_module_belongs_to_a_part_of_the_table() -> None:
    strangers = [name for name in modules() if part_of(name) == ROOT_MODULE and name != ROOT_MODULE]

    assert strangers == [], "add the part to LAYERS, in a commit that says why it is needed"


def test_every_folder_with_modules_is_a_package() -> None:
    missing = {
        short(path.parent) for path in modules().values() if not (path.parent / "__init__.py").exists()
    }

    assert missing == set(), "without __init__.py a folder is left out of the wheel"


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("clearway.plug.conn", "clearway.plug.headers", True),
        ("clearway.plug.conn", "clearway.errors", True),
        ("clearway.plug.pipeline", "clearway.plug.plugs.bearer", False),
        ("clearway.plug.router", "clearway.plug.jose.jwk", False),
        ("clearway.plug.plugs.bearer", "clearway.plug.jose.jwk", True),
        ("clearway.plug.plugs.bearer", "clearway.http.client", False),
        ("clearway.sched.queue", "clearway.pprof", False),
        ("clearway.pprof.endpoints", "clearway.plug", True),
        ("clearway.http.server", "clearway.gateway.config", False),
        ("clearway.errors", "clearway.clock", False),
        ("clearway", "clearway.errors", False),
        ("clearway.gateway.build", "clearway", True),
        ("clearway.testing", "clearway.cli", False),
    ],
)
def test_the_table_says_what_the_design_says(importer: str, imported: str, allowed: bool) -> None:
    assert is_allowed(importer, imported) == allowed
