"""Tokens for tests, well-formed or not."""

from __future__ import annotations

import json
from typing import Any

from clearway.plug.jose.algorithms import ALGORITHMS
from clearway.plug.jose.base64url import encode
from clearway.plug.jose.key import Key

__all__ = ["signed", "token_of"]


def token_of(header: Any, payload: bytes, signature: bytes) -> str:
    """Return a compact token of these parts; a header that is not bytes is written as JSON."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return b".".join(map(encode, (head, payload, signature))).decode()


def signed(key: Key, header: bytes, payload: bytes, alg: str | None = None) -> str:
    """Return a token whose signature is good, whatever its header says."""
    message = encode(header) + b"." + encode(payload)
    signature = ALGORITHMS[alg or key.algorithms[0]].signer(key.private)(message)
    return (message + b"." + encode(signature)).decode()
