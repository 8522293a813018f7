"""The ends of a connection: of TCP, of a Unix socket, and of one that does not tell."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clearway.http.ends import ends_of


@pytest.mark.parametrize(
    ("known", "ends"),
    [
        (
            {"peername": ("192.0.2.7", 5000), "sockname": ("127.0.0.1", 80)},
            (("192.0.2.7", 5000), ("127.0.0.1", 80), "http"),
        ),
        (
            {"peername": ("::1", 5000, 0, 0), "sockname": ("::1", 80, 0, 0), "sslcontext": object()},
            (("::1", 5000), ("::1", 80), "https"),
        ),
        ({"peername": "", "sockname": "/run/shop"}, (None, ("/run/shop", None), "http")),
        ({}, (None, None, "http")),
    ],
)
def test_ends(known: dict[str, Any], ends: Any) -> None:
    assert ends_of(asyncio.BaseTransport(known)) == ends
