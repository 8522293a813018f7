"""What an import drags in, seen from a fresh interpreter: each part is usable alone and costs only itself."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

from tests.house.source import modules

SEES_MODULES = "import json, sys; import {}; print(json.dumps(sorted(sys.modules)))"
A_SERVER = {"asyncio", "ssl", "socket", "httptools", "uvloop"}
CONFIG_AND_CRYPTO = {"pydantic", "cryptography", "argon2", "bcrypt", "click", "rich"}
OTHER_PARTS = {"clearway.http", "clearway.gateway", "clearway.cli"}

# The import, what it must not load, and every third party that it may load.
LIGHT = {
    "clearway": (A_SERVER | OTHER_PARTS | {"clearway.plug"}, set()),
    "clearway.errors": (A_SERVER | OTHER_PARTS | {"clearway.plug"}, set()),
    "clearway.clock": (A_SERVER | OTHER_PARTS | {"clearway.plug"}, set()),
    "clearway.plug": (A_SERVER | CONFIG_AND_CRYPTO | OTHER_PARTS | {"clearway.plug.plugs"}, set()),
    "clearway.pprof": (A_SERVER | CONFIG_AND_CRYPTO | OTHER_PARTS | {"clearway.plug"}, set()),
    "clearway.pprof.proto": (A_SERVER | CONFIG_AND_CRYPTO | OTHER_PARTS | {"clearway.plug"}, set()),
    "clearway.cli": (A_SERVER | OTHER_PARTS - {"clearway.cli"} | {"clearway.plug", "rich"}, {"click"}),
}


@cache
def loaded_by(module: str) -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", SEES_MODULES.format(module)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout))


def third_party(loaded: frozenset[str]) -> set[str]:
    started_with = loaded_by("site")  # the interpreter itself, and what .pth files of other projects load
    tops = {name.partition(".")[0] for name in loaded - started_with}
    return {top for top in tops if top not in sys.stdlib_module_names and top != "clearway"}


@pytest.fixture(params=LIGHT)
def part(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name not in modules():
        pytest.skip(f"{name} is not built yet")
    return name


def test_an_import_does_not_load_what_it_does_not_need(part: str) -> None:
    forbidden, _ = LIGHT[part]

    assert loaded_by(part) & forbidden == set()


def test_an_import_loads_no_other_third_party(part: str) -> None:
    _, allowed = LIGHT[part]

    assert third_party(loaded_by(part)) <= allowed
