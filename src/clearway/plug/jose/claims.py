# What a verified token says, checked (RFC 7519 section 4.1, RFC 8725 section 3).
#
# Rule 1: a registered claim that is present has the type that RFC 7519 gives it, whether we use it or not.
# Rule 2: times are compared with a `now` that is given; the same leeway is granted at both ends.
# Rule 3: issuer and audience are compared whole, never by prefix or substring.
"""What a verified token says, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearway.plug.jose.errors import TokenRefusedError

__all__ = ["MAX_LEEWAY_S", "NO_RULES", "ClaimRules"]

MAX_LEEWAY_S = 60.0
"""Clocks that are set by NTP differ by less than a second; more leeway is more life for a stolen token."""

MAX_DATE_S = 2.0**53
"""The largest date that every JSON parser reads alike (RFC 7493 section 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRules:
    """What a token must say to be taken.

        rules = ClaimRules(issuers=frozenset({"https://id.example"}), audiences=frozenset({"orders"}))
        deadline = rules.check(header, claims, now=wall())

    Attributes:
        issuers: `iss` must be one of these; empty means that any issuer, or none, will do.
        audiences: `aud` must name one of these.
            When empty, a token that names an audience is refused: it is meant for somebody else
            (RFC 7519 section 4.1.3).
        any_audience: Take tokens for every audience; for a gateway whose upstreams check it themselves.
        leeway_s: How far clocks may differ, at most `MAX_LEEWAY_S`.
        required: Claims that must be present, and not null.
        typ: The header's `typ`, for instance `at+jwt` (RFC 9068); None does not look at it.
    """

    issuers: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    any_audience: bool = False
    leeway_s: float = 0.0
    required: tuple[str, ...] = ()
    typ: str | None = None

    def check(self, header: Mapping[str, Any], claims: Mapping[str, Any], now: float) -> float:
        """Return the time at which the token ceases to be good; raise `TokenRefusedError` if it is not now.

        Times are seconds since the epoch; a token without `exp` is good until infinity.
        """
        if self.typ is not None:
            _check_typ(header, self.typ)
        for name in self.required:
            if claims.get(name) is None:
                raise TokenRefusedError(f"the token lacks the claim {name}")
        _check_texts(claims)
        if self.issuers and claims.get("iss") not in self.issuers:
            raise TokenRefusedError("the token is from another issuer")
        self._check_audience(claims)
        return self._check_times(claims, now)

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        named = _audiences(claims)
        if self.any_audience:
            return
        if self.audiences and (named is None or self.audiences.isdisjoint(named)):
            raise TokenRefusedError("the token is for another audience")
        if not self.audiences and named is not None:
            raise TokenRefusedError("the token names an audience, and none is configured here")

    def _check_times(self, claims: Mapping[str, Any], now: float) -> float:
        expires = _date(claims, "exp")
        deadline = math.inf if expires is None else expires + self.leeway_s
        if now >= deadline:  # "on or after" the date: RFC 7519 section 4.1.4
            raise TokenRefusedError("the token has expired")
        begins = _date(claims, "nbf")
        if begins is not None and now < begins - self.leeway_s:
            raise TokenRefusedError("the token is not valid yet")
        issued = _date(claims, "iat")
        if issued is not None and now < issued - self.leeway_s:
            raise TokenRefusedError("the token was issued in the future")
        return deadline


NO_RULES = ClaimRules(any_audience=True)
"""Checks the dates and the types of registered claims alone."""


def _check_typ(header: Mapping[str, Any], wanted: str) -> None:
    typ = header.get("typ")
    # "application/" may be left out, and case does not count: RFC 7515 section 4.1.9.
    if not isinstance(typ, str) or _media_type(typ) != _media_type(wanted):
        raise TokenRefusedError("the token is of another type")


def _media_type(typ: str) -> str:
    return typ.lower().removeprefix("application/")


def _check_texts(claims: Mapping[str, Any]) -> None:
    for name in ("iss", "sub", "jti"):
        if name in claims and not isinstance(claims[name], str):
            raise TokenRefusedError(f"the claim {name} of the token is not a string")


def _audiences(claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "aud" not in claims:
        return None
    aud = claims["aud"]
    if isinstance(aud, str):
        return (aud,)
    if isinstance(aud, list) and all(isinstance(each, str) for each in aud):
        return tuple(aud)
    raise TokenRefusedError("the claim aud of the token is no string and no list of strings")


def _date(claims: Mapping[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    # bool is an int to Python. Our parser lets no NaN through, but claims may come from elsewhere.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_DATE_S:
        raise TokenRefusedError(f"the claim {name} of the token is not a date in seconds")
    return float(value)
