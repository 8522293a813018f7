"""Apps by name: what is imported, and what a wrong name or a wrong app is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearway.gateway.hosting import AppImportError
from clearway.gateway.hosting.loading import check_name, check_takes_asgi_3, load_app

SHOP = """
async def app(scope, receive, send): ...
class Inner:
    app = app
def make(): return app
def fail(): raise LookupError("no database")
def asgi2(scope): ...
def wsgi(environ, start_response): ...
number = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "hosting_shop.py").write_text(SHOP)
    (tmp_path / "hosting_broken.py").write_text("import hosting_nowhere")
    (tmp_path / "hosting_raises.py").write_text("1 / 0")
    known, path = set(sys.modules), list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "factory"),
    [("hosting_shop:app", False), ("hosting_shop:Inner.app", False), ("hosting_shop:make", True)],
)
def test_a_name_is_imported_from_its_folder(folder: Path, name: str, factory: bool) -> None:
    app = load_app(name, factory=factory, folder=folder)

    assert app is sys.modules["hosting_shop"].app


@pytest.mark.parametrize(
    "name", ["shop", "shop:", ":app", "shop.:app", "shop:app()", "shop:a b", "1:app", "../shop:app"]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(AppImportError, match="does not name an app"):
        check_name(name)


@pytest.mark.parametrize(
    ("name", "factory", "complaint"),
    [
        ("hosting_nowhere:app", False, "there is no module 'hosting_nowhere'"),
        ("hosting_nowhere.main:app", False, "there is no module 'hosting_nowhere'"),
        (
            "hosting_broken:app",
            False,
            "importing hosting_broken failed: ModuleNotFoundError: .*hosting_nowhere",
        ),
        ("hosting_raises:app", False, "importing hosting_raises failed: ZeroDivisionError"),
        ("hosting_shop:nothing", False, "the module hosting_shop has no 'nothing'"),
        ("hosting_shop:Inner.nothing", False, "has no 'Inner.nothing'"),
        ("hosting_shop:number", False, "hosting_shop:number is 1, which cannot be called"),
        ("hosting_shop:make", False, "takes no arguments"),
        ("hosting_shop:fail", True, "the factory hosting_shop:fail failed: LookupError: no database"),
        ("hosting_shop:asgi2", False, "is an ASGI 2 app"),
        ("hosting_shop:wsgi", False, "looks like a WSGI app"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, name: str, factory: bool, complaint: str) -> None:
    with pytest.raises(AppImportError, match=complaint):
        load_app(name, factory=factory, folder=folder)


def test_an_app_of_asgi_2_is_told_what_to_do() -> None:
    class Old:
        def __init__(self, scope):  # type: ignore[no-untyped-def]
            self.scope = scope

        async def __call__(self, receive, send):  # type: ignore[no-untyped-def]
            raise NotImplementedError

    with pytest.raises(AppImportError) as caught:
        check_takes_asgi_3(Old, "shop:Old")

    assert "guarantee_single_callable" in caught.value.hint


def test_a_callable_whose_signature_nobody_knows_is_taken() -> None:
    check_takes_asgi_3(max, "shop:max")
