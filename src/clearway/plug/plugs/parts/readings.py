"""Numbers that other parts have and metrics show: pool sizes, open connections, drops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.exposition import head, labels, sample

__all__ = ["Read", "Readings"]

Read = Callable[[], float | Mapping[tuple[str, ...], float]]
"""Returns a number, or a number for each combination of label values."""

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")


class Reading(NamedTuple):
    """A metric that is read when somebody asks for it."""

    kind: str
    meaning: str
    labels: tuple[str, ...]
    read: Read


class Readings:
    """Metrics that are read when they are rendered.

    A reader that raises is left out of the text, and counted, so that one broken part does not hide the rest.

    Options:
        taken: Names that cannot be registered, because they are shown already.

    Attributes:
        failed: How often a reader has raised.
    """

    __slots__ = ("_readings", "_taken", "failed")

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = taken
        self._readings: dict[str, Reading] = {}
        self.failed = 0

    def register(self, name: str, kind: str, meaning: str, read: Read, label_names: tuple[str, ...]) -> None:
        """Show what `read` returns under `name`."""
        if not _METRIC.fullmatch(name):
            raise PlugOptionError(f"{name!r} is not a metric's name", hint="letters, digits and underscores")
        for label in label_names:
            if not _LABEL.fullmatch(label):
                raise PlugOptionError(f"metric {name}: {label!r} is not a label's name")
        if name in self._readings or name in self._taken:
            raise PlugOptionError(f"metric {name} is there already")
        self._readings[name] = Reading(kind, meaning, tuple(label_names), read)

    def unregister(self, name: str) -> None:
        """Show `name` no longer; a name that nobody registered is no mistake."""
        self._readings.pop(name, None)

    def render(self) -> Iterator[str]:
        """Yield the text of each metric."""
        for name, reading in list(self._readings.items()):
            try:
                yield _text(name, reading)
            except Exception:  # noqa: BLE001  # somebody else's code
                self.failed += 1


def _text(name: str, reading: Reading) -> str:
    found = reading.read()
    values = found if isinstance(found, Mapping) else {(): found}
    lines = [
        sample(name, labels(zip(reading.labels, map(str, key), strict=True)), value)
        for key, value in values.items()
    ]
    return head(name, reading.kind, reading.meaning) + "".join(lines)
