"""Sets of IP networks, and what counts as one client."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from clearway.plug.errors import PlugOptionError

__all__ = ["Networks", "client_of"]

Address = IPv4Address | IPv6Address
_MAPPED_BITS = 96  # of ::ffff:0:0/96, RFC 4291 section 2.5.5.2
_IPV6_CLIENT_BITS = 64  # what one subscriber is given at least, RFC 6177


class Networks:
    """A set of IP networks that tells whether an address is inside.

        "10.1.2.3" in Networks(["10.0.0.0/8"])          # True
        "::ffff:10.1.2.3" in Networks(["10.0.0.0/8"])   # True: the same address, mapped

    A look-up costs one set look-up per prefix length that occurs, however many networks there are.
    """

    __slots__ = ("_count", "_starts")

    def __init__(self, networks: Iterable[str]) -> None:
        self._starts: dict[tuple[int, int], set[int]] = {}  # (version, prefix length) to the leading bits
        self._count = 0
        for text in networks:
            network = _network(text)
            host_bits = network.max_prefixlen - network.prefixlen
            starts = self._starts.setdefault((network.version, host_bits), set())
            starts.add(int(network.network_address) >> host_bits)
            self._count += 1

    def __contains__(self, text: str) -> bool:
        address = _address(text)
        if address is None:
            return False
        bits = int(address)
        return any(
            bits >> host_bits in starts
            for (version, host_bits), starts in self._starts.items()
            if version == address.version
        )

    def __len__(self) -> int:
        return self._count


@lru_cache(maxsize=4096)
def client_of(text: str) -> str:
    """Return what stands for the client at the address `text`: the address, or the /64 of an IPv6 address.

    A subscriber holds a whole /64 and can come from any address in it.
    """
    address = _address(text)
    if address is None:
        return text
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), _IPV6_CLIENT_BITS), strict=False))


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise PlugOptionError(
            f"{text!r} is not an address or a network", hint="write 10.0.0.0/8 or 2001:db8::/32"
        ) from error
    if "/" in text and ip_network(text.partition("/")[0]).network_address != network.network_address:
        raise PlugOptionError(
            f"{text!r} names an address inside the network {network}",
            hint=f"write {network} for the network, or the address alone",
        )
    return _unmapped(network)


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 network that an IPv4-mapped IPv6 network means, others as they are."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return IPv4Network((int(mapped), network.prefixlen - _MAPPED_BITS))
