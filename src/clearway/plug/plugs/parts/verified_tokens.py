# Tokens that were verified before.
#
# Rule 1: what is kept is a keyed digest, never the token: a heap dump of a gateway is no box of credentials.
# Rule 2: only good tokens are kept. A stranger can send any number of bad ones, and they must cost us nothing
#         that lasts.
#
# The digest is SHA-256 over a secret block and the credentials; the state after the block is kept and copied.
# No digest leaves the process, so a prefix is key enough, and keyed BLAKE2b is slower where the CPU computes
# SHA-256 itself: 0.66 against 0.44 us for 295 bytes, 0.94 against 0.59 us for 551 (CPython 3.12, AMD EPYC).
"""Tokens that were verified before, by digest."""

from __future__ import annotations

import hashlib

from clearway.plug.plugs.parts.recent import Recent
from clearway.plug.principal import Principal

__all__ = ["KEY_BYTES", "VerifiedTokens"]

KEY_BYTES = 64
"""One block of SHA-256."""


class VerifiedTokens:
    """Whom verified tokens stand for, each until its deadline.

        tokens = VerifiedTokens(10_000, key=os.urandom(KEY_BYTES))
        tokens.put(credentials, deadline, principal)
        tokens.get(credentials, now)              # principal, or None

    Options:
        capacity: Tokens remembered at most; fewer than 2 remember none.
        key: Random bytes, as many as `KEY_BYTES`.

    A token past its deadline is not returned, but stays until it is crowded out.

    Attributes:
        generation: Of the keys that verified them.
    """

    __slots__ = ("_capacity", "_keyed", "_recent", "generation")

    def __init__(self, capacity: int, *, key: bytes) -> None:
        assert len(key) == KEY_BYTES
        self._capacity = capacity
        self._keyed = hashlib.sha256(key)
        self.reset(0)

    def reset(self, generation: int) -> None:
        """Forget everything: the keys have changed."""
        self._recent: Recent[bytes, tuple[float, Principal]] = Recent(self._capacity)
        self.generation = generation

    def get(self, credentials: bytes, now: float) -> Principal | None:
        """Return whom the credentials stand for, or None: not seen before, or past their deadline."""
        keyed = self._keyed.copy()
        keyed.update(credentials)
        found = self._recent.get(keyed.digest())
        return found[1] if found is not None and now < found[0] else None

    def put(self, credentials: bytes, deadline: float, principal: Principal) -> None:
        """Remember whom the credentials stand for."""
        keyed = self._keyed.copy()
        keyed.update(credentials)
        self._recent.put(keyed.digest(), (deadline, principal))

    def __len__(self) -> int:
        return len(self._recent)

    def __repr__(self) -> str:
        return f"<VerifiedTokens of generation {self.generation}: {len(self)} of {self._capacity}>"
