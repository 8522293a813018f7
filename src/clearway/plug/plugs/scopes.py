"""Let nobody pass who lacks a scope."""

from __future__ import annotations

import re

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.challenges import unauthorized
from clearway.plug.plugs.parts.options import texts
from clearway.plug.principal import Principal
from clearway.plug.problem import problem

__all__ = ["Scopes"]

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3


class Scopes:
    """Answer 403 unless the principal has all the named scopes, and 401 if there is no principal.

        route("POST", "/orders", Scopes("orders:write"), create_order)

    To a bearer of a token the 403 says which scopes would do: `Bearer error="insufficient_scope"`.

    Options:
        scopes: The scopes that are needed, each a word without spaces, quotes or backslashes.

    Basic credentials carry no scopes, so nobody passes with them.

    Source: RFC 6750 section 3.1.
    """

    __slots__ = ("_challenge", "scopes")

    def __init__(self, *scopes: str) -> None:
        if not scopes:
            raise PlugOptionError("Scopes needs at least one scope: without any, it would let everybody pass")
        for scope in texts("scopes", scopes):
            if not _SCOPE.fullmatch(scope):
                raise PlugOptionError(
                    f"{scope!r} is not a scope: a scope is one word of ASCII, without quotes and backslashes",
                    hint="write several scopes as several arguments",
                )
        self.scopes = frozenset(scopes)
        self._challenge = f'Bearer error="insufficient_scope", scope="{" ".join(dict.fromkeys(scopes))}"'

    def __call__(self, conn: Conn) -> Conn:
        principal = conn.principal
        if principal is None:
            return unauthorized(conn)
        if self.scopes <= principal.scopes:
            return conn
        return self._forbidden(conn, principal)

    def _forbidden(self, conn: Conn, principal: Principal) -> Conn:
        if principal.scheme == "bearer":
            conn = conn.put_resp_header("www-authenticate", self._challenge)
        missing = " ".join(sorted(self.scopes - principal.scopes))
        return problem(conn, 403, f"this needs the scope {missing}").halt()

    def __repr__(self) -> str:
        return f"Scopes({', '.join(map(repr, sorted(self.scopes)))})"
