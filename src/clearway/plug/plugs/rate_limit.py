"""Answer 429 to those who ask too often."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from clearway.clock import Clock, monotonic
from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.gcra import SECOND_NS, Buckets
from clearway.plug.plugs.parts.networks import client_of
from clearway.plug.plugs.parts.options import header_name, text, whole
from clearway.plug.plugs.parts.rates import parse_rate
from clearway.plug.problem import problem

__all__ = ["RateLimit", "RateLimitStatistics"]

Key = Callable[[Conn], Hashable]

LONGEST_KEY = 64  # bytes; of a longer header its digest is kept, so that the table stays as small as it looks

_NAME = re.compile(r"[a-z0-9_.-]+", re.IGNORECASE)


class RateLimitStatistics(NamedTuple):
    """What a `RateLimit` has done so far.

    Attributes:
        refused: Requests answered with 429.
        keys: Clients in the table now.
        forgotten: Clients dropped because the table was full; their buckets began anew.
    """

    refused: int
    keys: int
    forgotten: int


class RateLimit:
    """Answer 429 once a client has spent its tokens.

    Each key owns a bucket that holds `burst` tokens and regains `rate` of them per second.
    A request takes one token; a request that finds none is answered with 429 and halted, with `retry-after`
    and the draft `ratelimit` headers, and costs nothing.

        RateLimit("100/s", burst=200)                                   # per client address
        RateLimit("1000/m", key=["principal", "route"])                 # per caller and route
        RateLimit(50, key=lambda conn: conn.assigns.get("tenant"))      # None exempts the request

    Options:
        rate: `"100/s"`, `"1000/m"`, `"5000/h"`, `"10000/d"`, or a number per second.
        burst: Tokens that a full bucket holds; by default those of one second, at least one.
        key: `"client_ip"`, `"principal"`, `"route"`, `"header:NAME"`, several of them, or a function.
        name: Names the limit in the answer.
        announce: Say on every response how much is left, not on a 429 alone.
        max_keys: Clients remembered; past that, the least recent are forgotten.
        clock: Monotonic seconds.

    Where there is no principal, or no such header, the client's address stands in.
    An IPv6 client is its /64 network.
    A client chooses its headers: key by one only if a plug or a proxy before this one has set it.
    Buckets live in one worker: behind four workers a client has four.

    Source: RFC 6585 section 4; draft-ietf-httpapi-ratelimit-headers-11.
    """

    def __init__(
        self,
        rate: str | float,
        *,
        burst: int | None = None,
        key: str | Sequence[str] | Key = "client_ip",
        name: str = "default",
        announce: bool = False,
        max_keys: int = 100_000,
        clock: Clock = monotonic,
    ) -> None:
        per_second = parse_rate(rate)
        self.burst = max(1, math.ceil(per_second)) if burst is None else whole("burst", burst)
        interval_ns = math.ceil(SECOND_NS / per_second)
        self._buckets = Buckets(
            interval_ns=interval_ns, burst=self.burst, max_keys=whole("max_keys", max_keys, least=2)
        )
        if not _NAME.fullmatch(text("name", name)):
            raise PlugOptionError(f"name {name!r} must be made of letters, digits, dots, dashes, underscores")
        self.rate, self.name = rate, name
        self._policy = f'"{name}";q={self.burst};w={_seconds(self._buckets.window_ns)}'
        self._key = _key(key)
        self._announce = announce
        self._clock = clock
        self._refused = 0

    def __call__(self, conn: Conn) -> Conn:
        key = self._key(conn)
        if key is None:
            return conn
        now_ns = int(self._clock() * SECOND_NS)
        wait_ns = self._buckets.take(key, now_ns)
        if wait_ns:
            return self._refuse(conn, wait_ns)
        return self._tell(conn, key, now_ns) if self._announce else conn

    def statistics(self) -> RateLimitStatistics:
        """Return what was done so far."""
        return RateLimitStatistics(self._refused, len(self._buckets), self._buckets.forgotten)

    def __repr__(self) -> str:
        return (
            f"<RateLimit {self.rate}, burst {self.burst}: {len(self._buckets)} keys, {self._refused} refused>"
        )

    def _refuse(self, conn: Conn, wait_ns: int) -> Conn:
        self._refused += 1
        wait_s = _seconds(wait_ns)
        told = self._add_limit(conn.put_resp_header("retry-after", str(wait_s)), 0, wait_s)
        detail = f"too many requests: try again in {wait_s} s"
        return problem(told, 429, detail, **{"violated-policies": [self.name]}).halt()

    def _tell(self, conn: Conn, key: Hashable, now_ns: int) -> Conn:
        tokens, full_ns = self._buckets.level(key, now_ns)
        return conn.register_before_send(lambda done: self._add_limit(done, tokens, _seconds(full_ns)))

    def _add_limit(self, conn: Conn, tokens: int, within_s: int) -> Conn:
        # Added, because another limit or the upstream may have one of its own: the fields are lists.
        headers = conn.resp_headers.add("ratelimit-policy", self._policy)
        return conn.put_resp_headers(headers.add("ratelimit", f'"{self.name}";r={tokens};t={within_s}'))


def _seconds(ns: int) -> int:
    return -(-ns // SECOND_NS)  # rounded up: who waits as long as we say is let through


# Keys


def _by_client_ip(conn: Conn) -> Hashable:
    address = conn.peer[0] if conn.peer is not None else ""
    return client_of(address) if ":" in address else address


def _by_principal(conn: Conn) -> Hashable:
    principal = conn.principal
    return (principal.scheme, principal.name) if principal is not None else _by_client_ip(conn)


def _by_route(conn: Conn) -> Hashable:
    return conn.route or ""


def _by_header(name: bytes) -> Key:
    def by_header(conn: Conn) -> Hashable:
        value = conn.headers.get_raw(name)
        if value is None:
            return _by_client_ip(conn)
        return value if len(value) <= LONGEST_KEY else blake2b(value).digest()

    return by_header


_KEYS: dict[str, Key] = {"client_ip": _by_client_ip, "principal": _by_principal, "route": _by_route}


def _named_key(name: Any) -> Key:
    if isinstance(name, str) and name.startswith("header:"):
        return _by_header(header_name("key", name.removeprefix("header:")))
    if not isinstance(name, str) or name not in _KEYS:
        raise PlugOptionError(
            f"key {name!r} is not known", hint=f"known: {', '.join(_KEYS)}, header:NAME, or a function"
        )
    return _KEYS[name]


def _key(key: str | Sequence[str] | Key) -> Key:
    if callable(key):
        return key
    names = [key] if isinstance(key, str) else list(key)
    parts = [_named_key(name) for name in names]
    if not parts:
        raise PlugOptionError("key is empty", hint='to limit all requests together, give key=lambda conn: ""')
    if len(parts) == 1:
        return parts[0]
    return lambda conn: tuple([part(conn) for part in parts])
