"""Addresses as people write them: `127.0.0.1:8080`, `[::1]:8080`, `orders.internal:9001`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

__all__ = ["Address", "AddressText", "TargetText", "is_loopback", "parse_address"]

_ADDRESS = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


class Address(NamedTuple):
    """A host, by name or by IP address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return the address that `text` names; raise `ValueError` that says what is wrong with it."""
    if "://" in text:
        scheme = text.partition("://")[0]
        why = "TLS to upstreams is not spoken yet" if scheme == "https" else "write it without the scheme"
        raise ValueError(f"must be HOST:PORT: {why}")
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError('must be HOST:PORT, as in "127.0.0.1:8080" or "[::1]:8080"')
    port = int(found["port"])
    if port > 65535:
        raise ValueError("has a port above 65535")
    return Address(found["v6"] or found["host"], port)


def is_loopback(address: Address) -> bool:
    """Tell whether only programs on this machine can reach `address`."""
    if address.host == "localhost":
        return True
    try:
        return ip_address(address.host).is_loopback
    except ValueError:
        return False


def _checked(text: str) -> str:
    parse_address(text)
    return text


def _reachable(text: str) -> str:
    if parse_address(text).port == 0:
        raise ValueError("has the port 0, which nobody can connect to")
    return text


AddressText = Annotated[str, AfterValidator(_checked)]
TargetText = Annotated[str, AfterValidator(_reachable)]
