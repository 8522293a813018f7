"""The one request every subject is asked, and the one answer the upstream gives."""

from __future__ import annotations

import time

import jwt

SECRET = "benchmark-secret-benchmark-secret-0123456789"
PATH = "/items/7?page=2"
BODY = b'{"id": 7, "name": "clearway", "tags": ["road", "gateway"], "text": "' + b"x" * 130 + b'"}'


def token() -> str:
    """Mint the HS256 token that every request carries, good for a day."""
    now = int(time.time())
    claims = {"sub": "bench", "iss": "https://issuer.test", "scope": "read", "iat": now, "exp": now + 86_400}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def headers(bearer: str) -> dict[str, str]:
    """Return the request's fields: the same for every subject, so that each reads and forwards as much."""
    return {"Accept": "application/json", "User-Agent": "bench", "Authorization": f"Bearer {bearer}"}


def request_bytes(host: str, fields: dict[str, str]) -> bytes:
    """Return the request as it goes over the wire."""
    lines = [f"GET {PATH} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
