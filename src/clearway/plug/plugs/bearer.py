# Who is asking, by a signed token.
#
# Rule 1: this plug verifies and does not require. Without a token, or with a bad one, the request goes on
#         with nobody's name and a note of what to answer; `RequireAuth` answers.
# Rule 2: it answers itself only where no other plug could do right: 400 for credentials that two parsers
#         could read differently, 503 while there is no key to verify with.
# Rule 3: what is cached is shared by requests, so it cannot be changed: claims are frozen all the way down.
"""Who is asking, by a signed token (RFC 6750)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
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
from clearway.plug.jose.verified import KEY_BYTES, VerifiedTokens
from clearway.plug.principal import Principal
from clearway.plug.problem import problem

__all__ = ["Bearer", "BearerStatistics"]

_CREDENTIALS = re.compile(rb"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)  # RFC 6750 section 2.1
_SCHEME = re.compile(rb"bearer(?![^\x00-\x20,])", re.IGNORECASE)
_QUOTABLE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6750 section 3: no `"` and no backslash


class BearerStatistics(NamedTuple):
    """What a `Bearer` has done so far.

    Attributes:
        verified: Tokens whose signature was checked and good; those found in the cache are not counted.
        refused: Tokens that were refused.
        cached: Tokens remembered now.
    """

    verified: int
    refused: int
    cached: int


class Bearer:
    """Verify a Bearer JWT if there is one, and say who is asking.

    A good token sets `conn.principal`: name from `sub`, scopes from `scope` or `scp`, and the claims.
    Without one, or with a bad one, the request goes on, and `conn.private["challenges"]` gets the
    `www-authenticate` value that `RequireAuth` will send.

        keys = RemoteKeys("https://id.example/.well-known/jwks.json")
        bearer = Bearer(keys, issuer="https://id.example", audience="orders")
        pipeline = Pipeline(bearer, RequireAuth(), router)

    Options:
        keys: Where keys come from; each key decides which algorithms are good for it.
        issuer: The only `iss`, or a list of them; None takes any.
        audience: Our name in `aud`, or a list of our names; None refuses tokens that name an audience.
        any_audience: Take tokens for every audience; the upstreams must then check it.
        algorithms: Narrows what the keys allow; None leaves it to them.
        leeway_s: How far clocks may differ, 0 to 60.
        required: Claims that must be present.
        typ: The `typ` header that tokens must have, for instance `at+jwt`.
        realm: Named in challenges.
        scope_claim: Holds the scopes, as a string or a list; where it is absent, `scp` is read.
        principal_claim: Holds the principal's name.
        cache_size: Verified tokens remembered; 0 checks every signature anew.
        cache_ttl_s: Seconds for which they are, at most.
        max_token_bytes: A longer token is refused unread.
        clock: Seconds since the epoch.

    Tokens come from the `authorization` header alone: never from the query or the body.
    A token that its issuer revoked stays good until it expires.
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
            leeway_s=leeway_s,
            required=tuple(_quotable("required", name) for name in required),
            typ=typ,
        )
        self._algorithms = None if algorithms is None else frozenset(algorithms)
        _check_options(self._rules, self._algorithms, cache_size, cache_ttl_s)
        self._scope_claims = (_quotable("scope_claim", scope_claim), "scp")
        self._principal_claim = _quotable("principal_claim", principal_claim)
        self._challenge = f'Bearer realm="{_quotable("realm", realm)}"'
        self._cache_ttl_s = cache_ttl_s
        self._max_token_bytes = max_token_bytes
        self._clock = clock
        self._tokens: VerifiedTokens[Principal] = VerifiedTokens(cache_size, key=os.urandom(KEY_BYTES))
        self._verified = self._refused = 0

    def __call__(self, conn: Conn) -> Conn:
        """Return the conn with its principal, or with a challenge; 400 and 503 are sent and halted."""
        headers = conn.headers
        credentials = headers.get_raw(b"authorization")
        if credentials is None:
            return _note(conn, self._challenge)
        if headers.is_repeated(b"authorization"):
            return self._bad_request(conn, "there is more than one authorization header")
        if credentials[:7] != b"Bearer " and not _SCHEME.match(credentials):
            return _note(conn, self._challenge)
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
        return f"<Bearer {self._keys!r}: {len(self._tokens)} tokens cached, {self._refused} refused>"

    def _examine(self, conn: Conn, credentials: bytes, keys: KeySet) -> Conn:
        syntax = _CREDENTIALS.fullmatch(credentials)
        if syntax is None:
            return self._bad_request(conn, "the authorization header is not Bearer and one token")
        if not keys.keys:
            # 401 would make clients throw good tokens away.
            unready = conn.put_resp_header("retry-after", "1")
            return problem(unready, 503, "the keys that tokens are checked with have not arrived yet").halt()
        try:
            deadline, principal = self._verify(syntax[1], keys)
        except TokenRefusedError as refusal:
            return self._refuse(conn, refusal)
        self._verified += 1
        self._tokens.put(credentials, deadline, principal)
        return conn.put_principal(principal)

    def _verify(self, token: bytes, keys: KeySet) -> tuple[float, Principal]:
        now = self._clock()
        verified = verify_token(
            token,
            keys,
            self._rules,
            now=now,
            algorithms=self._algorithms,
            max_bytes=self._max_token_bytes,
        )
        claims = verified.claims
        name = claims.get(self._principal_claim)
        if not isinstance(name, str) or not name:
            raise TokenRefusedError(f"the token does not name a principal in {self._principal_claim}")
        principal = Principal(name, "bearer", _scopes(claims, self._scope_claims), _freeze(claims))
        return min(verified.deadline, now + self._cache_ttl_s), principal

    def _refuse(self, conn: Conn, refusal: TokenRefusedError) -> Conn:
        self._refused += 1
        if isinstance(refusal, UnknownKeyError):
            self._keys.want(refusal.kid)
        return _note(conn, self._error("invalid_token", refusal.reason))

    def _bad_request(self, conn: Conn, detail: str) -> Conn:
        challenged = conn.add_resp_header("www-authenticate", self._error("invalid_request", detail))
        return problem(challenged, 400, detail).halt()

    def _error(self, code: str, description: str) -> str:
        return f'{self._challenge}, error="{code}", error_description="{description}"'


def _note(conn: Conn, challenge: str) -> Conn:
    """Leave a challenge for `RequireAuth`, unless another plug knows already who is asking."""
    if conn.principal is not None:
        return conn
    return conn.put_private("challenges", (*conn.private.get("challenges", ()), challenge))


def _scopes(claims: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str):
            return frozenset(value.split())
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return frozenset(value)
        if value is not None:
            raise TokenRefusedError(f"the claim {name} of the token is no string and no list of strings")
    return frozenset()


def _freeze(value: Any) -> Any:
    """Return `value` with read-only mappings for objects and tuples for arrays."""
    if isinstance(value, dict):
        return MappingProxyType({name: _freeze(member) for name, member in value.items()})
    if isinstance(value, list):
        return tuple(_freeze(member) for member in value)
    return value


# Options


def _names(option: str, value: str | Iterable[str] | None) -> frozenset[str]:
    names = frozenset((value,) if isinstance(value, str) else value or ())
    if (value is not None and not names) or "" in names:
        raise PlugOptionError(f"Bearer: {option} is empty", hint="leave it out to take any")
    return names


def _quotable(option: str, text: str) -> str:
    if not _QUOTABLE.fullmatch(text):
        raise PlugOptionError(
            f"Bearer: {option} {text!r} is not plain ASCII text", hint="it is sent inside a quoted string"
        )
    return text


def _check_options(
    rules: ClaimRules, algorithms: frozenset[str] | None, cache_size: int, cache_ttl_s: float
) -> None:
    if not 0 <= rules.leeway_s <= MAX_LEEWAY_S:
        raise PlugOptionError(f"Bearer: leeway_s is {rules.leeway_s}, not 0 to {MAX_LEEWAY_S:.0f}")
    if rules.any_audience and rules.audiences:
        raise PlugOptionError("Bearer: audience and any_audience exclude each other")
    if algorithms is not None and (unknown := sorted(algorithms - ALGORITHMS.keys())):
        raise PlugOptionError(
            f"Bearer: unknown algorithms {', '.join(unknown)}", hint=f"known: {', '.join(ALGORITHMS)}"
        )
    if algorithms is not None and not algorithms:
        raise PlugOptionError("Bearer: algorithms is empty", hint="leave it out to let the keys decide")
    if cache_size < 0 or cache_ttl_s < 0:
        raise PlugOptionError("Bearer: cache_size and cache_ttl_s are not below 0")
