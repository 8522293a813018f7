# Tokens that were verified before.
#
# Rule 1: what is kept is a keyed digest, never the token: a heap dump of a gateway is no box of credentials.
# Rule 2: only good tokens are kept. A stranger can send any number of bad ones, and they must cost us nothing
#         that lasts.
#
# Theory of operation
# -------------------
# Two dicts, young and old. New entries go to the young one; once it is half the capacity, it becomes the old
# one and what was old is dropped whole. A hit in the old one moves the entry to the young one, so what is in
# use survives. No victim is ever looked for: in CPython, taking the first entry of a dict walks over every
# hole that earlier removals left.
#
# The digest is SHA-256 over a secret block and the credentials; the state after the block is kept and copied.
# No digest leaves the process, so a prefix is key enough, and BLAKE2b with a key is slower where the CPU
# computes SHA-256 itself (0.66 against 0.44 us for 295 bytes, 0.94 against 0.59 us for 551; CPython 3.12).
"""Tokens that were verified before, by digest."""

from __future__ import annotations

import hashlib
from typing import Generic, TypeVar

__all__ = ["VerifiedTokens"]

T = TypeVar("T")

KEY_BYTES = 64
"""One block of SHA-256."""


class VerifiedTokens(Generic[T]):
    """What good tokens stand for, each until its deadline.

        tokens = VerifiedTokens(10_000, key=os.urandom(64))
        tokens.put(credentials, deadline, principal)
        tokens.get(credentials, now)              # principal, or None

    Options:
        capacity: Entries kept at most; fewer than 2 keep none.
        key: 64 random bytes.

    Entries past their deadline are not returned, but stay until they are crowded out.
    """

    __slots__ = ("_half", "_keyed", "_old", "_young", "generation")

    def __init__(self, capacity: int, *, key: bytes) -> None:
        assert len(key) == KEY_BYTES
        self._half = capacity // 2
        self._keyed = hashlib.sha256(key)
        self._young: dict[bytes, tuple[float, T]] = {}
        self._old: dict[bytes, tuple[float, T]] = {}
        self.generation = 0

    def get(self, credentials: bytes, now: float) -> T | None:
        """Return what the credentials stand for, or None: unknown, or past their deadline."""
        keyed = self._keyed.copy()
        keyed.update(credentials)
        digest = keyed.digest()
        found = self._young.get(digest)
        if found is None:
            found = self._old.pop(digest, None)
            if found is None:
                return None
            self._keep(digest, found)
        return found[1] if now < found[0] else None

    def put(self, credentials: bytes, deadline: float, value: T) -> None:
        """Remember what the credentials stand for."""
        keyed = self._keyed.copy()
        keyed.update(credentials)
        self._keep(keyed.digest(), (deadline, value))

    def reset(self, generation: int) -> None:
        """Forget everything: the keys have changed."""
        self._young, self._old = {}, {}
        self.generation = generation

    def _keep(self, digest: bytes, entry: tuple[float, T]) -> None:
        if len(self._young) >= self._half:
            self._young, self._old = {}, self._young
        if self._half:
            self._young[digest] = entry

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def __repr__(self) -> str:
        return f"<VerifiedTokens of generation {self.generation}: {len(self)} of {2 * self._half}>"
