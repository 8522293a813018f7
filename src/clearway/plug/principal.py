"""Who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Principal"]

_NO_CLAIMS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller: set by a plug that verified credentials, read by everything after it.

        Principal("acme", scheme="bearer", scopes=frozenset({"orders:read"}), claims={"sub": "acme"})

    Attributes:
        name: The user of Basic credentials, or a claim (by default `sub`) of a token.
        scheme: `"basic"` or `"bearer"`, or your own plug's word.
        scopes: What the caller may do.
        claims: The token's verified claims; empty for Basic.
    """

    name: str
    scheme: str
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=lambda: _NO_CLAIMS)
