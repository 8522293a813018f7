# Who may see the profiles.
#
# With credentials, whoever has them. Without, whoever can connect, and the listener is then on loopback or a
# file that only its owner opens. A browser connects for pages of strangers, too, so two things are refused
# there: a Host that is a name of somebody else's (DNS rebinding: the name leads to 127.0.0.1, and the page
# could read the answer), and a fetch that a page of another site began (it could keep us busy).
"""Who may see the profiles."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping

from clearway.pprof.web.answer import Answer, refusal

__all__ = ["Credentials", "Guard"]


class Credentials:
    """A user with a password, a token, or both; kept as digests.

        Credentials(user="ops", password="...")
        Credentials(token="...")

    Comparing takes the same time whatever is wrong.
    """

    def __init__(self, *, user: str = "", password: str = "", token: str = "") -> None:
        if bool(user) != bool(password):
            raise ValueError("a user needs a password, and a password a user")
        if not user and not token:
            raise ValueError("give a user and a password, or a token")
        self._pair = _digest(f"{user}:{password}".encode()) if user else None
        self._token = _digest(token.encode()) if token else None

    def fit(self, authorization: str) -> bool:
        """Tell whether the header `authorization` holds them."""
        scheme, _, rest = authorization.strip().partition(" ")
        given = rest.strip()
        if scheme.lower() == "bearer" and self._token is not None:
            return _are_equal(_digest(given.encode("latin-1", "replace")), self._token)
        if scheme.lower() == "basic" and self._pair is not None:
            try:
                pair = b64decode(given, validate=True)
            except (Error, ValueError):
                return False
            return _are_equal(_digest(pair), self._pair)
        return False

    def __repr__(self) -> str:
        kinds = [kind for kind, held in (("user", self._pair), ("token", self._token)) if held is not None]
        return f"<Credentials {' and '.join(kinds)}>"


def _digest(secret: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(secret, digest_size=32).digest()


def _are_equal(ours: bytes, theirs: bytes) -> bool:
    from hmac import compare_digest

    return compare_digest(ours, theirs)


class Guard:
    """Refuse requests of those who may not see the profiles.

    Options:
        credentials: What a client must have; None for whoever can connect.
        hosts: Names in the Host header that are ours, beyond `localhost` and plain addresses.
    """

    def __init__(self, credentials: Credentials | None = None, hosts: frozenset[str] = frozenset()) -> None:
        self._credentials, self._hosts = credentials, hosts

    def refusal(self, headers: Mapping[str, str]) -> Answer | None:
        """Return the answer to a request with `headers` (names in lower case), or None to let it pass."""
        if self._credentials is not None:
            if self._credentials.fit(headers.get("authorization", "")):
                return None
            challenge = 'Basic realm="pprof", charset="UTF-8", Bearer realm="pprof"'
            return refusal(401, "profiles need credentials", ("www-authenticate", challenge))
        host = host_of(headers.get("host", ""))
        if not (is_local_name(host) or host in self._hosts):
            return refusal(403, f"{host[:80]!r} is no name of this server; use its address, or localhost")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not is_navigation(
            headers
        ):
            return refusal(403, "a page of another site asked for this")
        return None

    def __repr__(self) -> str:
        return f"<Guard {self._credentials or 'of whoever can connect'!r}>"


def host_of(field: str) -> str:
    """Return the name or address in a Host header, without port and brackets."""
    host = field.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_local_name(host: str) -> bool:
    """Tell whether no name service could have been asked for `host`: an address, localhost, or nothing."""
    if host in ("", "localhost") or host.endswith(".localhost") or ":" in host:
        return True
    parts = host.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts)


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Tell whether a person followed a link: the page that held it does not see the answer."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
