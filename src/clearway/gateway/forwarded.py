"""Who the client is, by what trusted proxies have written: pure functions over `x-forwarded-for`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from clearway.plug.headers import Headers

__all__ = ["client_hop", "split_list"]

# An address with the port that some balancers add: 192.0.2.7:4711, [2001:db8::7]:4711.
_WITH_PORT = re.compile(r"(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9A-Fa-f:.]+)\])(?::\d{1,5})?")


def split_list(headers: Headers, name: bytes) -> list[str]:
    """Return the members of a comma-separated header, all its lines together, oldest first."""
    lines = [value.decode("latin-1") for field, value in headers.raw if field == name]
    return [member.strip() for line in lines for member in line.split(",") if member.strip()]


def client_hop(hops: Sequence[str], proxy: str, trusts: Callable[[str], bool]) -> tuple[str, int]:
    """Return the client's address and its place in `hops`, or `(proxy, -1)` if nobody named one.

    `hops` is what `x-forwarded-for` lists, and `proxy` who sent it. Each trusted proxy vouches for the member
    before it; a member that is no address vouches for nothing, so the walk ends there.
    """
    client, at = proxy, -1
    for place in range(len(hops) - 1, -1, -1):
        address = _address(hops[place])
        if address is None:
            break
        client, at = address, place
        if not trusts(address):
            break
    return client, at


def _address(text: str) -> str | None:
    found = _WITH_PORT.fullmatch(text)
    bare = (found[1] or found[2]) if found else text
    try:
        return str(ip_address(bare))
    except ValueError:
        return None
