# Who is asking, by a signed token.
#
# Rule 1: this plug verifies and does not require. Without a token, or with a bad one, the request goes on
#         with nobody's name and a note of what to answer; `RequireAuth` answers.
# Rule 2: it answers itself only where no other plug could do right: 400 for credentials that two parsers
#         could read differently, 503 while there is no key to verify with.
#
# Theory of operation
# -------------------
# A client sends the same token for minutes, and checking an RSA signature takes as long as all the rest of a
# request. So a verified token is remembered until it expires, for `cache_ttl_s` at most, and forgotten as
# soon as the keys change. Its date is compared at every request.
"""Who is asking, by a signed token (RFC 6750)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from clearway.clock import Clock, wall
from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.jose.algorithms import ALGORITHMS
from clearway.plug.jose.claims import MAX_LEEWAY_S, ClaimRules
from clearway.plug.jose.errors import TokenRefusedError, UnknownKeyError
from clearway.plug.jose.jws import MAX_TOKEN_BYTES
from clearway.plug.jose.jwt import verify_token
from clearway.plug.jose.keyset import KeySet
from clearway.plug.jose.sources import KeySource
from clearway.plug.plugs.parts.challenges import add_challenge, quoted
from clearway.plug.plugs.parts.claimed import principal_of
from clearway.plug.plugs.parts.options import number, one_of, texts, whole
from clearway.plug.plugs.parts.verified_tokens import KEY_BYTES, VerifiedTokens
from clearway.plug.principal import Principal
from clearway.plug.problem import problem

__all__ = ["Bearer", "BearerStatistics"]

_CREDENTIALS = re.compile(rb"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)  # RFC 6750 section 2.1
_SCHEME = re.compile(rb"bearer(?![^\x00-\x20,])", re.IGNORECASE)
_DESCRIBABLE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6750 section 3: no `"`, no backslash


class BearerStatistics(NamedTuple):
    """What a `Bearer` has done so far.

    Attributes:
        verified: Tokens that were checked and good; those that were remembered are not counted.
        refused: Tokens that were refused.
        remembered: Tokens remembered now.
    """

    verified: int
    refused: int
    remembered: int


class Bearer:
    """Verify a Bearer JWT if there is one, and say who is asking.

    A good token sets `conn.principal`: its name from `sub`, its scopes from `scope` or `scp`, its claims.
    Without one, or with a bad one, the request goes on, and the challenge is recorded that `RequireAuth`
    will send. Two Authorization lines, or one that is not well-formed, are answered with 400, and any token
    with 503 as long as no keys have come.

        keys = RemoteKeys("https://id.example/.well-known/jwks.json")
        bearer = Bearer(keys, issuer="https://id.example", audience="orders")
        pipeline = Pipeline(bearer, RequireAuth(), router)

    Options:
        keys: Where keys come from; each key decides which algorithms are good for it.
        issuer: The `iss` that tokens must have, or a list of them; None takes any.
        audience: Our name in `aud`, or a list of our names; None refuses tokens that name an audience.
        any_audience: Take tokens for every audience; the upstreams must then check it.
        algorithms: Narrows what the keys allow; None leaves it to them.
        leeway_s: How far clocks may differ, 0 to 60.
        required: Claims that must be present.
        typ: The `typ` header that tokens must have, for instance `at+jwt`; None takes any.
        realm: Named in the challenge.
        scope_claim: Holds the scopes, as a string or a list; where it is absent, `scp` is read.
        principal_claim: Holds the principal's name.
        cache_size: Verified tokens remembered; 0 checks every signature anew.
        cache_ttl_s: Seconds for which they are, at most.
        max_token_bytes: A longer token is refused unread.
        clock: Seconds since the epoch.

    Tokens come from the `authorization` header alone: never from the query or the body.
    A token that its issuer revoked stays good until it expires.
    The claims of a principal are read-only, arrays as tuples.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str | Iterable[str] | None = None,
        audience: str | Iterable[str] | None = None,
        any_audience: bool = False,
        algorithms: Iterable[str] | None = None,
        leeway_s: float = 0.0,
        required: Iterable[str] = (),
        typ: str | None = None,
        realm: str = "clearway",
        scope_claim: str = "scope",
        principal_claim: str = "sub",
        cache_size: int = 10_000,
        cache_ttl_s: float = 300.0,
        max_token_bytes: int = MAX_TOKEN_BYTES,
        clock: Clock = wall,
    ) -> None:
        self._keys = keys
        self._rules = ClaimRules(
            issuers=_names("issuer", issuer),
            audiences=_names("audience", audience),
            any_audience=any_audience,
            leeway_s=_leeway(leeway_s),
            required=tuple(_claim("required", name) for name in texts("required", required)),
            typ=typ,
        )
        if any_audience and audience is not None:
            raise PlugOptionError("audience and any_audience exclude each other: leave one of them out")
        self._algorithms = _algorithms(algorithms)
        self._scope_claims = (_claim("scope_claim", scope_claim), "scp")
        self._principal_claim = _claim("principal_claim", principal_claim)
        self._challenge = f"Bearer realm={quoted(realm)}"
        self._cache_ttl_s = number("cache_ttl_s", cache_ttl_s)
        self._max_token_bytes = whole("max_token_bytes", max_token_bytes)
        self._clock = clock
        self._tokens = VerifiedTokens(whole("cache_size", cache_size, least=0), key=os.urandom(KEY_BYTES))
        self._verified = self._refused = 0

    def __call__(self, conn: Conn) -> Conn:
        """Return the conn with its principal or with a challenge; 400 and 503 are sent and halted."""
        headers = conn.headers
        credentials = headers.get_raw(b"authorization")
        if credentials is None:
            return self._pass_on(conn)
        if headers.is_repeated(b"authorization"):
            return self._bad_request(conn, "the request has more than one Authorization line")
        if credentials[:7] != b"Bearer " and not _SCHEME.match(credentials):
            return self._pass_on(conn)
        keys, tokens = self._keys.current(), self._tokens
        if keys.generation != tokens.generation:
            tokens.reset(keys.generation)
        principal = tokens.get(credentials, self._clock())
        if principal is not None:
            return conn.put_principal(principal)
        return self._examine(conn, credentials, keys)

    def statistics(self) -> BearerStatistics:
        """Return what was done so far."""
        return BearerStatistics(self._verified, self._refused, len(self._tokens))

    def __repr__(self) -> str:
        return f"<Bearer {self._keys!r}: {len(self._tokens)} tokens remembered, {self._refused} refused>"

    def _pass_on(self, conn: Conn) -> Conn:
        return conn if conn.principal is not None else add_challenge(conn, self._challenge)

    def _examine(self, conn: Conn, credentials: bytes, keys: KeySet) -> Conn:
        syntax = _CREDENTIALS.fullmatch(credentials)
        if syntax is None:
            return self._bad_request(conn, "the Authorization line is not the word Bearer and one token")
        if not keys.keys:
            # A 401 would make clients throw good tokens away.
            unready = conn.put_resp_header("retry-after", "1")
            return problem(unready, 503, "the keys that tokens are checked with have not come yet").halt()
        try:
            deadline, principal = self._verify(syntax[1], keys)
        except TokenRefusedError as refusal:
            return self._refuse(conn, refusal)
        self._verified += 1
        self._tokens.put(credentials, deadline, principal)
        return conn.put_principal(principal)

    def _verify(self, token: bytes, keys: KeySet) -> tuple[float, Principal]:
        now = self._clock()
        _, claims, deadline, _ = verify_token(
            token,
            keys,
            self._rules,
            now=now,
            algorithms=self._algorithms,
            max_bytes=self._max_token_bytes,
        )
        principal = principal_of(claims, self._principal_claim, self._scope_claims)
        return min(deadline, now + self._cache_ttl_s), principal

    def _refuse(self, conn: Conn, refusal: TokenRefusedError) -> Conn:
        self._refused += 1
        if isinstance(refusal, UnknownKeyError):
            self._keys.want(refusal.kid)
        return add_challenge(conn, self._error("invalid_token", refusal.reason))

    def _bad_request(self, conn: Conn, detail: str) -> Conn:
        challenged = conn.put_resp_header("www-authenticate", self._error("invalid_request", detail))
        return problem(challenged, 400, detail).halt()

    def _error(self, code: str, description: str) -> str:
        return f'{self._challenge}, error="{code}", error_description="{description}"'


# Options


def _names(option: str, value: str | Iterable[str] | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    names = frozenset((value,) if isinstance(value, str) else texts(option, value))
    if not names or "" in names:
        raise PlugOptionError(f"{option} is empty", hint="leave it out where it does not matter")
    return names


def _algorithms(value: Iterable[str] | None) -> frozenset[str] | None:
    if value is None:
        return None
    names = frozenset(one_of("algorithms", name, ALGORITHMS) for name in texts("algorithms", value))
    if not names:
        raise PlugOptionError("algorithms is empty", hint="leave it out to let the keys decide")
    return names


def _claim(option: str, name: Any) -> str:
    """Return the name of a claim, which may stand in an error description."""
    if isinstance(name, str) and _DESCRIBABLE.fullmatch(name):
        return name
    raise PlugOptionError(f"{option} must name a claim in ASCII without quotes and spaces, not {name!r}")


def _leeway(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_LEEWAY_S:
        raise PlugOptionError(f"leeway_s must be a number from 0 to {MAX_LEEWAY_S:.0f}, not {value!r}")
    return float(value)
