# The first step of every request: what a client says about itself is believed only from those we trust.
#
# Rule: an upstream sees forwarding headers that we have written, or none. So a client cannot choose its
# address, and cannot be `x-user: admin`.
#
# This runs per request, so names that were found harmless are remembered. The usual request holds no other,
# and costs one look-up per header: 0.2 us in all.
"""The first step of every request: strip what a client may not say about itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from clearway.gateway.forwarded import client_hop, split_list
from clearway.plug import Conn
from clearway.plug.headers import Headers
from clearway.plug.plugs.parts.networks import Networks

__all__ = ["Ingress"]

# RFC 7239, the x-forwarded-* family, and what common servers and frameworks read in their place.
_FORWARDING = frozenset(
    [b"forwarded", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"x-original-url",
     b"x-rewrite-url", b"x-original-host", b"x-host", b"x-url-scheme", b"front-end-https"]
)  # fmt: skip
_FAMILY = b"x-forwarded-"
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_REMEMBERED = 4096  # addresses, and names of headers, whose verdict is kept


class Ingress:
    """Strip forwarding and identity headers that come from strangers; believe trusted proxies.

        Pipeline(Ingress(trusted=["10.0.0.0/8"], identity=["x-user"]), ...)

    From a trusted proxy, the client's address, the scheme and the host are taken from `x-forwarded-*`: the
    list of addresses is walked from the right for as long as it names trusted proxies, and the first that is
    not one is the client.

    Options:
        trusted: Addresses and networks of proxies in front.
        identity: Request headers that only the gateway may set.
        underscores: Let names with an underscore pass.

    `forwarded` (RFC 7239) is stripped from everybody: it is neither read nor written here.
    """

    def __init__(
        self, trusted: Iterable[str] = (), identity: Iterable[str] = (), *, underscores: bool = False
    ) -> None:
        self._networks = Networks(trusted)
        self._trusts_any = len(self._networks) > 0
        self._forged = _FORWARDING | {name.lower().encode() for name in identity}
        self._underscores = underscores
        self._harmless: set[bytes] = set()
        self._trusts = lru_cache(maxsize=_REMEMBERED)(self._networks.__contains__)

    def __call__(self, conn: Conn) -> Conn:
        harmless = self._harmless
        for name, _ in conn.headers.raw:
            if name not in harmless:
                return self._look(conn)
        return conn

    def _look(self, conn: Conn) -> Conn:
        """Go on with a request that holds a header which is not known to be harmless."""
        peer = conn.peer
        if not (self._trusts_any and peer is not None and self._trusts(peer[0])):
            return self._strip(conn)
        if all(self._is_harmless(name) for name, _ in conn.headers.raw):
            return conn
        return self._believe(conn, peer[0])

    def _strip(self, conn: Conn) -> Conn:
        if len(self._harmless) > _REMEMBERED:  # clients choose names, so what is remembered has a bound
            self._harmless.clear()
        headers = conn.headers
        kept = tuple([pair for pair in headers.raw if self._is_harmless(pair[0])])
        return conn if len(kept) == len(headers) else conn.put_headers(Headers(kept))

    def _is_harmless(self, name: bytes) -> bool:
        if name in self._forged or name.startswith(_FAMILY) or (b"_" in name and not self._underscores):
            return False
        self._harmless.add(name)
        return True

    def _believe(self, conn: Conn, proxy: str) -> Conn:
        headers = conn.headers
        hops = split_list(headers, b"x-forwarded-for")
        client, at = client_hop(hops, proxy, self._trusts)
        scheme = _parallel(split_list(headers, b"x-forwarded-proto"), len(hops), at).lower()
        host = _parallel(split_list(headers, b"x-forwarded-host"), len(hops), at).encode("latin-1")
        kept = headers.delete("forwarded", "x-real-ip", "x-forwarded-for")
        if host and _HOST.fullmatch(host):
            kept = kept.put_raw(b"host", host)
        else:
            host = conn.host.encode("latin-1")
        return conn.put_headers(kept).put_peer(
            (client, conn.peer[1] if conn.peer and client == proxy else 0),
            scheme if scheme in ("http", "https") else conn.scheme,
            _without_port(host.decode("latin-1").lower()),
        )

    def __repr__(self) -> str:
        return f"<Ingress {len(self._networks)} trusted networks, {len(self._harmless)} names>"


def _parallel(values: list[str], hops: int, at: int) -> str:
    """Return the value that belongs to hop `at` if there is one per hop, else the newest."""
    if not values:
        return ""
    return values[at] if len(values) == hops and at >= 0 else values[-1]


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host
