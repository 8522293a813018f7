"""Where a profile comes from: a file, a running service, or standard input."""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from clearway.errors import ClearwayError

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO
    from urllib.request import Request

    from clearway.pprof import Profile

__all__ = ["SourceError", "is_url", "load", "request_of"]

_PATIENCE_S = 60  # beyond the seconds asked for; a CPU profile lasts 30 unless somebody says otherwise
_SHOWN = 200  # characters of an answer that is no profile
_MOST_BYTES = 256 << 20  # of an answer
_HINTS = {
    401: "give a name and a password as in http://NAME:PASSWORD@HOST/..., or --header 'Authorization: ...'",
    404: "a service lists its profiles at /debug/pprof/",
    409: "wait until the other profile has ended",
}


class SourceError(ClearwayError):
    """A profile could not be read or fetched."""


def load(source: str, seconds: float | None, headers: Sequence[tuple[str, str]]) -> Profile:
    """Return the profile that `source` names."""
    from clearway.pprof import ProfileFormatError
    from clearway.pprof.proto import decode

    if is_url(source):
        data = fetched(source, seconds, headers)
    elif source == "-":
        data = sys.stdin.buffer.read()
    else:
        data = read(Path(source))
    try:
        return decode(data)
    except ProfileFormatError as error:
        hint = "without debug= a service answers with the profile itself" if "debug=" in source else ""
        raise SourceError(f"{shown(source)}: {error}", hint=hint) from error


def is_url(source: str) -> bool:
    """Tell whether `source` is to be asked for over HTTP."""
    return source.startswith(("http://", "https://"))


def read(path: Path) -> bytes:
    """Return the content of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def request_of(
    url: str, seconds: float | None, headers: Sequence[tuple[str, str]]
) -> tuple[str, dict[str, str]]:
    """Return the URL to ask and the headers to send; name and password move from the one to the other."""
    parts = urlsplit(url)
    query = parts.query
    if seconds is not None:
        others = [(key, value) for key, value in parse_qsl(query, True) if key != "seconds"]
        query = urlencode([*others, ("seconds", f"{seconds:g}")])
    sent = {"User-Agent": "clearway"}
    credentials, at, host = parts.netloc.rpartition("@")
    if at:
        token = base64.b64encode(unquote(credentials).encode()).decode()
        sent["Authorization"] = f"Basic {token}"
    return urlunsplit((parts.scheme, host, parts.path, query, "")), {**sent, **dict(headers)}


def fetched(url: str, seconds: float | None, headers: Sequence[tuple[str, str]]) -> bytes:
    """Return what a service answers."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        """A password is for the address that it was given for, and for no other."""

        def redirect_request(
            self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
        ) -> None:
            """Follow nothing."""

    address, sent = request_of(url, seconds, headers)
    try:
        with build_opener(Stay).open(
            Request(address, headers=sent),  # noqa: S310  (`is_url` let nothing but http and https in)
            timeout=_PATIENCE_S + (seconds or 0),
        ) as answer:
            data: bytes = answer.read(_MOST_BYTES + 1)
            missing = answer.length  # of what the service announced; reading says nothing of it
    except HTTPError as error:
        with error:
            raise refused(address, error.code, error.read(_SHOWN)) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        text = reason.strerror if isinstance(reason, OSError) else None
        raise SourceError(f"{address} cannot be fetched: {text or reason}") from error
    if len(data) > _MOST_BYTES:
        raise SourceError(f"{address} answers with more than {_MOST_BYTES >> 20} MiB")
    if missing:
        raise SourceError(f"{address} broke off {missing:,} bytes before the end of its answer")
    return data


def refused(address: str, status: int, body: bytes) -> SourceError:
    """Return the error for an answer that is no success."""
    line = "".join(body.decode("utf-8", "replace").strip().splitlines()[:1])
    text = f": {line}" if line.isprintable() and line else ""
    return SourceError(f"{address} answers {status}{text}", hint=_HINTS.get(status, ""))


def shown(source: str) -> str:
    """Return `source` for a message: without a password."""
    return request_of(source, None, ())[0] if is_url(source) else source
