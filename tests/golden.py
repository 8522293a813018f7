"""Files that a test compares with, named after what made them; `pytest --update` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["GOLDEN", "Golden"]

GOLDEN = Path(__file__).parent / "conformance" / "golden"


class Golden:
    """The golden files, read or, with `--update`, written."""

    def __init__(self, folder: Path, *, update: bool) -> None:
        self._folder = folder
        self._update = update
        self._written: set[Path] = set()

    def path(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the path of a file, which `make` writes when files are updated."""
        path = self._folder / name
        if self._update and path not in self._written:
            self._written.add(path)
            make(path)
        return path
