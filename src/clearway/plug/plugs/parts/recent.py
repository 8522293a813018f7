# Tables that forget.
#
# Theory of operation
# -------------------
# Two dicts, young and old. What is written goes to the young one. When the young one holds half of the
# capacity, or when the owner says so, it becomes the old one, and what was old is dropped whole. What is
# found in the old one moves to the young one, so what is in use survives. Nothing is removed one by one: in
# CPython, finding the first entry of a dict walks over every hole that earlier removals have left.
"""Tables that hold a bounded number of entries and forget those that nobody used of late."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A table of at most `capacity` entries that drops those that were not used of late.

        recent = Recent[str, int](1000)
        recent.put("a", 1)
        recent.get("a")         # 1, or None

    Attributes:
        forgotten: Entries dropped because the table was full.
    """

    __slots__ = ("_half", "_old", "_young", "forgotten")

    def __init__(self, capacity: int) -> None:
        self._half = capacity // 2
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self.forgotten = 0

    def get(self, key: K) -> V | None:
        """Return the value of `key`, or None."""
        value = self._young.get(key)
        if value is None and self._old and (value := self._old.pop(key, None)) is not None:
            self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep `value` under `key`."""
        if len(self._young) >= self._half and key not in self._young:
            self.forgotten += len(self._old)
            self.turn()
        if self._half:
            self._young[key] = value

    def turn(self) -> None:
        """Drop what was neither read nor written since the last turn."""
        self._young, self._old = {}, self._young

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
