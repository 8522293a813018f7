"""The house tests see every way to import: what they do not see, they cannot forbid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.source import PACKAGE, Import, imports


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import asyncio.events", Import("asyncio.events", 1, False, False)),
        ("from clearway import errors", Import("clearway.errors", 1, False, False)),
        ("from clearway.errors import ClearwayError", Import("clearway.errors", 1, False, False)),
        ("def f():\n    import ssl", Import("ssl", 2, True, False)),
        ("if TYPE_CHECKING:\n    import ssl", Import("ssl", 2, False, True)),
        ("if typing.TYPE_CHECKING:\n    import ssl", Import("ssl", 2, False, True)),
        ("try:\n    import ssl\nexcept ImportError:\n    pass", Import("ssl", 2, False, False)),
        ("importlib.import_module('ssl')", Import("ssl", 1, False, False)),
        ("f = lambda: import_module('ssl')", Import("ssl", 1, True, False)),
    ],
)
def test_an_import_is_seen(tmp_path: Path, text: str, found: Import) -> None:
    path = tmp_path / "sample.py"
    path.write_text(text)

    assert found in imports(path)


def test_an_import_under_a_decorated_async_method_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text("class A:\n    @property\n    async def f(self):\n        import ssl")

    assert imports(path) == (Import("ssl", 4, True, False),)


def test_the_package_is_where_the_tests_look() -> None:
    assert (PACKAGE / "__init__.py").exists()
