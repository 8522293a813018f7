# Password checks under way.
#
# Rule 1: a password hash is made to be slow, so it never runs in the event loop.
# Rule 2: the same credentials are checked once at a time, however many requests carry them.
# Rule 3: what waits is bounded by who calls. A stranger who sends wrong passwords as fast as he can fills the
#         queue; whoever is in the table of verified credentials does not need it.
"""Password checks: off the event loop, one at a time per credential, with their good outcomes remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial
from hashlib import blake2b

from clearway.plug.plugs.parts.basic_credentials import Credentials
from clearway.plug.plugs.parts.passwords import PasswordHash
from clearway.plug.plugs.parts.recent import Recent
from clearway.plug.principal import Principal

__all__ = ["Checks"]

_DIGEST_BYTES = 16


class Checks:
    """Checks the passwords of one set of users; a new set of users gets new checks, and so an empty memory.

    Options:
        users: Each user's password hash.
        decoy: Checked in the place of a user that does not exist.
        key: A random secret: what is remembered is a keyed digest of the credentials, never the credentials.
        capacity: Verified credentials remembered.

    A failure is not remembered: it would let a stranger crowd out those who know their password.
    """

    __slots__ = ("_flights", "_hash", "_users", "_verified", "decoy")

    def __init__(
        self, users: Mapping[str, PasswordHash], *, decoy: PasswordHash, key: bytes, capacity: int
    ) -> None:
        self._users = {name: (stored, Principal(name, scheme="basic")) for name, stored in users.items()}
        self.decoy = decoy
        self._hash = blake2b(key=key, digest_size=_DIGEST_BYTES)
        self._verified: Recent[bytes, tuple[float, Principal]] = Recent(capacity)
        self._flights: dict[bytes, asyncio.Future[bool]] = {}

    def digest(self, header: bytes) -> bytes:
        """Return the name under which the credentials in `header` are remembered."""
        keyed = self._hash.copy()
        keyed.update(header)
        return keyed.digest()

    def remembered(self, digest: bytes, now: float) -> Principal | None:
        """Return whose credentials these are, if they were verified not too long ago."""
        found = self._verified.get(digest)
        return found[1] if found is not None and now < found[0] else None

    def is_under_way(self, digest: bytes) -> bool:
        """Tell whether these credentials are being checked right now."""
        return digest in self._flights

    def under_way(self) -> int:
        """Return how many checks are running or waiting."""
        return len(self._flights)

    async def run(
        self, credentials: Credentials, digest: bytes, deadline: float, executor: Executor
    ) -> Principal | None:
        """Return who logs in with `credentials`, or None; remember a good outcome until `deadline`."""
        stored, principal = self._users.get(credentials.user, (self.decoy, None))
        flight = self._flights.get(digest)
        if flight is None:
            loop = asyncio.get_running_loop()
            flight = loop.run_in_executor(executor, stored.verify, credentials.password)
            self._flights[digest] = flight
            flight.add_done_callback(partial(self._land, digest, principal, deadline))
        # Shielded, because a client that goes away must not end a check that others wait for.
        return principal if await asyncio.shield(flight) else None

    def _land(
        self, digest: bytes, principal: Principal | None, deadline: float, flight: asyncio.Future[bool]
    ) -> None:
        del self._flights[digest]
        if flight.cancelled() or flight.exception() is not None or not flight.result():
            return
        if principal is not None:
            self._verified.put(digest, (deadline, principal))

    def __len__(self) -> int:
        return len(self._users)

    def __repr__(self) -> str:
        return (
            f"<Checks {len(self._users)} users: {len(self._verified)} remembered, {self.under_way()} running>"
        )
