"""Bearer plugs, tokens and requests for tests."""

from __future__ import annotations

from typing import Any

from clearway.plug import Conn
from clearway.plug.jose import KeySet, sign
from clearway.plug.plugs.bearer import Bearer
from clearway.testing import conn
from tests.unit.plug.jose.keys import key_for

NOW = 1_800_000_000
KEY = key_for("ES256")
RULES = {"issuer": "https://id.example", "audience": "orders"}
CLAIMS = {"iss": RULES["issuer"], "aud": "orders", "sub": "acme", "exp": NOW + 600, "scope": "read write"}
ABSENT = 'Bearer realm="clearway"'


class Keys:
    """A key source that a test changes."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys
        self.wanted: list[str] = []

    def current(self) -> KeySet:
        return self.keys

    def want(self, kid: str) -> None:
        self.wanted.append(kid)


class Clock:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


def source(*keys: Any, generation: int = 1) -> Keys:
    """Return a source of these keys, or of the usual one."""
    return Keys(KeySet([key.verify_only() for key in keys or (KEY,)], generation=generation))


def bearer(keys: Keys | None = None, **options: Any) -> Bearer:
    """Return a plug with the usual rules at the usual time."""
    return Bearer(keys or source(), **{"clock": lambda: float(NOW), **RULES, **options})


def request(credentials: str | None = None, target: str = "/") -> Conn:
    """Return a request with this `authorization` header, or without any."""
    headers = [] if credentials is None else [("authorization", credentials)]
    return conn("GET", target, headers=headers)


def token(key: Any = KEY, /, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Return a token with the usual claims, and these."""
    return sign({**CLAIMS, **claims}, key, header=header)


def challenge(passed: Conn) -> str:
    """Return the one challenge of a request that went on without a principal."""
    assert passed.principal is None
    assert passed.status is None
    assert not passed.halted
    (only,) = passed.private["challenges"]
    return only
