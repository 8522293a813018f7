"""Fetching a profile from a process that serves it, over TCP or a socket's file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from clearway.pprof.errors import BadParameterError, PprofError, ProfileInUseError, UnavailableError

if TYPE_CHECKING:
    from http.client import HTTPConnection

__all__ = ["fetch", "is_address"]

GRACE_S = 60.0  # beyond the seconds that the profile is recorded for
MOST_BYTES = 1 << 30
_HINTS = {
    401: "give a name and a password, as in http://NAME:PASSWORD@HOST/..., or a header",
    404: "a process lists its profiles at /debug/pprof/",
}
_SCHEMES = ("http", "https", "unix", "http+unix")
_ERRORS: dict[int, type[PprofError]] = {
    400: BadParameterError,
    404: BadParameterError,
    405: BadParameterError,
    409: ProfileInUseError,
}


class Target(NamedTuple):
    """An address, taken apart: `path` is that of a socket's file, `resource` what is asked for there."""

    scheme: str
    host: str
    port: int | None
    path: str
    resource: str
    login: str


def is_address(text: str) -> bool:
    """Tell whether `text` is something for `fetch`, and no file."""
    return text.partition(":")[0] in _SCHEMES and ":" in text


def fetch(
    address: str, *, token: str = "", headers: Mapping[str, str] | None = None, timeout_s: float | None = None
) -> bytes:
    """Return what stands at an address.

        fetch("http://127.0.0.1:6060/debug/pprof/heap")
        fetch("http://ops:password@10.0.0.7:6060/debug/pprof/profile?seconds=10")
        fetch("unix:/tmp/pprof/123.sock:/debug/pprof/heap")

    `http+unix://%2Ftmp%2Fpprof%2F123.sock/debug/pprof/heap` is another spelling of the last one.
    `headers` are sent too, and win over name, password and token. No redirect is followed: a password is for
    the place that it was given for.

    Raises what the other side was asked in vain for as the error that it is: `ProfileInUseError`,
    `BadParameterError`, and `UnavailableError` for all else.
    """
    from http.client import HTTPException

    target = read_address(address)
    patience_s = _seconds_in(target.resource) + GRACE_S if timeout_s is None else timeout_s
    connection = _connection(target, patience_s)
    try:
        connection.request("GET", target.resource, headers={**_headers(target, token), **(headers or {})})
        with connection.getresponse() as response:
            body, missing = response.read(MOST_BYTES), response.length
    except (OSError, HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnavailableError(
            f"cannot fetch {shown(target)}: {why.lower()}",
            hint="is the process there, and does it serve profiles at this address?",
        ) from error
    finally:
        connection.close()
    if response.status != 200:
        text, _, hint = body.decode("utf-8", "replace").strip().partition("\n\n")
        said = f": {text[:500]}" if text else ""
        raise _ERRORS.get(response.status, UnavailableError)(
            f"{shown(target)} answered {response.status}{said}",
            hint=hint[:500] or _HINTS.get(response.status, ""),
        )
    if missing:  # of what was announced; reading a part says nothing of it
        raise UnavailableError(f"{shown(target)} broke off {missing:,} bytes before the end of its answer")
    return body


def read_address(address: str) -> Target:
    """Return an address taken apart; raise `BadParameterError` if it is none."""
    if address.startswith("unix:"):
        path, _, resource = address.removeprefix("unix:").removeprefix("//").partition(":/")
        return Target(
            "unix", "localhost", None, path, f"/{resource}" if resource else "/debug/pprof/heap", ""
        )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadParameterError(f"{address!r} is no address: {error}") from error
    if parts.scheme not in _SCHEMES or not host:
        raise BadParameterError(
            f"{address!r} is no address", hint="as in http://127.0.0.1:6060/debug/pprof/heap"
        )
    resource = (parts.path or "/debug/pprof/heap") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "http+unix":
        return Target("unix", "localhost", None, unquote(parts.netloc), resource, "")
    user, password = parts.username, parts.password
    login = f"{unquote(user)}:{unquote(password or '')}" if user else ""
    return Target(parts.scheme, host, port, "", resource, login)


def shown(target: Target) -> str:
    """Return an address for messages: without the password."""
    if target.scheme == "unix":
        return f"unix:{target.path}:{target.resource}"
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f"{target.scheme}://{host}{f':{target.port}' if target.port else ''}{target.resource}"


def _seconds_in(resource: str) -> float:
    given = parse_qs(resource.partition("?")[2]).get("seconds", ["30"])
    try:
        return float(given[-1])
    except ValueError:
        return 0.0  # which the other side refuses


def _headers(target: Target, token: str) -> dict[str, str]:
    if token:
        return {"authorization": f"Bearer {token}"}
    if target.login:
        return {"authorization": f"Basic {b64encode(target.login.encode()).decode()}"}
    return {}


def _connection(target: Target, timeout_s: float) -> HTTPConnection:
    # Here, so that a service that serves profiles does not load a client, with ssl and email in its wake.
    from http.client import HTTPConnection, HTTPSConnection
    from socket import AF_UNIX, SOCK_STREAM, socket

    class OverPath(HTTPConnection):
        def connect(self) -> None:
            self.sock = socket(AF_UNIX, SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(target.path)

    if target.scheme == "unix":
        return OverPath(target.host, timeout=timeout_s)
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    return kind(target.host, target.port, timeout=timeout_s)
