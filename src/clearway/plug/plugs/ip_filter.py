"""Let in, or keep out, by address."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.networks import Networks
from clearway.plug.plugs.parts.options import texts
from clearway.plug.problem import problem

__all__ = ["IpFilter"]

REMEMBERED = 4096  # addresses whose verdict is kept; a verdict costs about 5 us to work out


class IpFilter:
    """Answer 403 to addresses that are denied, or not allowed.

    A denied address is refused even if it is allowed too.
    If there is an allow list, whoever is not on it is refused; a client without an address (a Unix socket)
    is on no list.

        IpFilter(allow=["10.0.0.0/8", "2001:db8::/32"], deny=["10.6.6.6"])

    Options:
        allow: Addresses and networks in CIDR notation that may pass; empty for everybody.
        deny: Addresses and networks that may not.

    IPv4 addresses that arrive mapped into IPv6 (`::ffff:10.0.0.1`) are IPv4 addresses.
    The address is that of `conn.peer`: behind another proxy, a plug before this one must have put the
    client's own there.
    """

    __slots__ = ("_allow", "_deny", "_verdict")

    def __init__(self, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> None:
        self._allow = Networks(texts("allow", allow))
        self._deny = Networks(texts("deny", deny))
        if not self._allow and not self._deny:
            raise PlugOptionError("IpFilter needs an allow list or a deny list: it has neither")
        self._verdict = lru_cache(maxsize=REMEMBERED)(self.may_pass)

    def __call__(self, conn: Conn) -> Conn:
        if self._verdict(conn.peer[0] if conn.peer is not None else ""):
            return conn
        return problem(conn, 403, "this address may not come in").halt()

    def may_pass(self, address: str) -> bool:
        """Tell whether a client at `address` may pass; an empty text stands for no address."""
        if address in self._deny:
            return False
        return not self._allow or address in self._allow

    def __repr__(self) -> str:
        return f"<IpFilter {len(self._allow)} allowed, {len(self._deny)} denied>"
