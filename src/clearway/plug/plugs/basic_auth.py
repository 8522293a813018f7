# Who is asking, by name and password.
#
# Rule 1: this plug verifies and does not require: without credentials, or with wrong ones, the request goes
#         on with nobody's name, and `RequireAuth` answers.
# Rule 2: an outsider learns nothing from how long an answer takes: an unknown user costs as much as the
#         costliest known one, and the memory of verified credentials is keyed with a secret.
#
# Theory of operation
# -------------------
# bcrypt at cost 12 takes a quarter of a second of CPU: four requests a second would fill a core. So a
# password is checked once, in a thread, and remembered for some minutes. The request that finds its
# credentials remembered is answered without a coroutine.
"""Who is asking, by name and password (RFC 7617)."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from clearway.clock import Clock, monotonic
from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.pipeline import Result
from clearway.plug.plugs.parts.basic_credentials import Credentials, parse_credentials
from clearway.plug.plugs.parts.challenges import add_challenge, quoted, refuse_repeated_authorization
from clearway.plug.plugs.parts.checks import Checks
from clearway.plug.plugs.parts.options import number, pairs, text, whole
from clearway.plug.plugs.parts.passwords import PasswordHash
from clearway.plug.plugs.parts.users import UserFile, parse_users
from clearway.plug.problem import problem

__all__ = ["BasicAuth"]

LOOK_EVERY_S = 1.0  # how often the user file is looked at; a look is one stat, about 2 us

_log = logging.getLogger(__name__)


class BasicAuth:
    """Verify Basic credentials if there are any, and say who is asking.

    Good credentials set `conn.principal`. Without any, or with wrong ones, the request goes on, and the
    challenge is recorded that `RequireAuth` will send. Two Authorization lines are answered with 400.

        users = {"acme": "$2b$12$..."}                       # made by `clearway passwd acme`
        pipeline = Pipeline(BasicAuth(users), RequireAuth(), router)
        pipeline = Pipeline(BasicAuth(file="users.htpasswd"), RequireAuth(), router)

    Options:
        users: Password hashes by user: bcrypt (`$2b$`, `$2a$`, `$2y$`) or argon2id, and nothing else.
        file: An htpasswd file, in the place of `users`; read again within a second of a change.
        realm: Named in the challenge.
        cache_size: Verified credentials remembered.
        cache_ttl_s: Seconds for which they are.
        hash_threads: Threads that check passwords, and so the cores that a flood of wrong ones can keep busy.
        max_pending: Checks that may run or wait; a request past that is answered with 503.
        clock: Monotonic seconds.
        executor: Runs the checks, in the place of threads of its own.

    A changed user file that cannot be read is logged, and the users of before stay.
    A password of more than 72 bytes fits no bcrypt hash.
    Basic credentials carry no scopes.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        file: str | os.PathLike[str] | None = None,
        realm: str = "clearway",
        cache_size: int = 10_000,
        cache_ttl_s: float = 300.0,
        hash_threads: int = 2,
        max_pending: int = 64,
        clock: Clock = monotonic,
        executor: Executor | None = None,
    ) -> None:
        self._challenge = f'Basic realm={quoted(text("realm", realm))}, charset="UTF-8"'
        self._cache_size = whole("cache_size", cache_size, least=2)
        self._cache_ttl_s = number("cache_ttl_s", cache_ttl_s)
        self._max_pending = whole("max_pending", max_pending)
        self._clock = clock
        self._key = os.urandom(32)
        self._file = _user_file(users, file)
        self._checks = self._first_checks(users)
        self._look_at = math.inf if self._file is None else clock() + LOOK_EVERY_S
        self._own_threads = executor is None
        self._executor = executor or ThreadPoolExecutor(
            whole("hash_threads", hash_threads), thread_name_prefix="clearway-password"
        )

    def __call__(self, conn: Conn) -> Result:
        """Return the conn with its principal or with a challenge; later, if a password must be checked."""
        now = self._clock()
        if now >= self._look_at:
            self._look(now)
        header = conn.headers.get_raw(b"authorization")
        if header is None or conn.principal is not None:
            return self._pass_on(conn)
        if conn.headers.is_repeated(b"authorization"):
            return refuse_repeated_authorization(conn)
        if header[:6].lower() != b"basic ":
            return self._pass_on(conn)
        checks = self._checks
        digest = checks.digest(header)
        principal = checks.remembered(digest, now)
        if principal is not None:
            return conn.put_principal(principal)
        return self._examine(conn, checks, digest, now)

    def close(self) -> None:
        """Give up the checks that wait, and end the threads once those that run are done."""
        if self._own_threads:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def reload(self) -> None:
        """Read the user file again; if that fails, log why and keep the users of before."""
        if self._file is None:
            return
        try:
            users = self._file.read()
        except PlugOptionError as error:
            _log.warning("the users stay as they were: %s", error)
            return
        # One assignment: a request sees the old users with their memory, or the new ones with an empty one.
        self._checks = self._checks_of(users, fallback=self._checks.decoy)
        _log.info("read %d users from %s", len(users), self._file.path)

    def __repr__(self) -> str:
        return f"<BasicAuth {self._checks!r}>"

    def _pass_on(self, conn: Conn) -> Conn:
        return conn if conn.principal is not None else add_challenge(conn, self._challenge)

    def _examine(self, conn: Conn, checks: Checks, digest: bytes, now: float) -> Result:
        credentials = parse_credentials(conn.headers.get_raw(b"authorization") or b"")
        if credentials is None:
            return self._pass_on(conn)
        return self._log_in(conn, checks, credentials, digest, now + self._cache_ttl_s)

    async def _log_in(
        self, conn: Conn, checks: Checks, credentials: Credentials, digest: bytes, deadline: float
    ) -> Conn:
        # Asked here and not before: many of these may have been made in the turn of the loop before this one.
        if checks.under_way() >= self._max_pending and not checks.is_under_way(digest):
            busy = conn.put_resp_header("retry-after", "1")
            return problem(busy, 503, "too many passwords are being checked").halt()
        principal = await checks.run(credentials, digest, deadline, self._executor)
        return self._pass_on(conn) if principal is None else conn.put_principal(principal)

    def _look(self, now: float) -> None:
        self._look_at = now + LOOK_EVERY_S
        if self._file is not None and self._file.has_changed():
            self._executor.submit(self.reload)  # a long file is not parsed in the event loop

    def _first_checks(self, users: Mapping[str, str] | None) -> Checks:
        if self._file is None:
            found: Mapping[str, PasswordHash] = parse_users(pairs("users", users))
        else:
            self._file.has_changed()  # from here on
            found = self._file.read()
        if not found:
            raise PlugOptionError("BasicAuth has no users", hint="make one with `clearway passwd NAME`")
        return self._checks_of(found, fallback=None)

    def _checks_of(self, users: Mapping[str, PasswordHash], fallback: PasswordHash | None) -> Checks:
        costliest = max(users.values(), key=lambda stored: stored.work, default=fallback)
        assert costliest is not None  # the first users are never none
        return Checks(users, decoy=costliest.decoy(), key=self._key, capacity=self._cache_size)


def _user_file(users: Any, file: str | os.PathLike[str] | None) -> UserFile | None:
    if (users is None) == (file is None):
        raise PlugOptionError("BasicAuth needs either users or a file")
    return None if file is None else UserFile(Path(file))
