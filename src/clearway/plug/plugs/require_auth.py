"""Let nobody pass without verified credentials."""

from __future__ import annotations

from clearway.plug.conn import Conn
from clearway.plug.plugs.parts.challenges import unauthorized

__all__ = ["RequireAuth"]


class RequireAuth:
    """Answer 401 unless a plug before this one has verified who is asking.

    The answer is a problem (RFC 9457) with every challenge that those plugs recorded, each on a
    `www-authenticate` line of its own, and `cache-control: no-store`.

        pipeline = Pipeline(BasicAuth(users), Bearer(keys), RequireAuth(), router)

    It looks at `conn.principal` alone, and so never at a credential.
    Behind plugs that record no challenge it raises `PlugContractError`, because a 401 must carry one.

    Source: RFC 9110 sections 11.6.1 and 15.5.2.
    """

    __slots__ = ()

    def __call__(self, conn: Conn) -> Conn:
        return conn if conn.principal is not None else unauthorized(conn)

    def __repr__(self) -> str:
        return "RequireAuth()"
