# Fetching a key document over HTTP.
#
# urllib rather than our own client: this runs a few times per hour, outside the request path, and this
# package must not depend on the http part. It blocks, so it runs in a thread.
"""Fetching a key document over HTTP."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from clearway.clock import Clock, monotonic
from clearway.plug.jose.errors import InvalidKeyError, KeyFetchError

if TYPE_CHECKING:
    import ssl

__all__ = ["Fetch", "check_url", "https_fetch"]

Fetch = Callable[[str], Awaitable[bytes]]
"""`await fetch(url)` returns a document, or raises."""

_ACCEPT = "application/jwk-set+json, application/json"
_PIECE = 64 * 1024


def check_url(url: str, *, allow_http: bool = False) -> str:
    """Return the URL without its query, for people; raise `InvalidKeyError` if keys must not come from it.

        check_url("http://127.0.0.1:9000/jwks.json")      # plain http is taken from this machine alone

    Options:
        allow_http: Take plain http from anywhere: whoever is on the way can then sign tokens.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise InvalidKeyError("the key URL cannot be parsed") from None
    if parts.scheme not in ("https", "http") or not host:
        raise InvalidKeyError("the key URL is not https://...")
    if parts.username is not None or parts.password is not None:
        raise InvalidKeyError("the key URL holds credentials, which end up in logs")
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        raise InvalidKeyError(
            "the key URL is plain http", hint="use https, or allow http if nobody is on the way"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def https_fetch(
    *,
    timeout_s: float,
    max_bytes: int,
    context: ssl.SSLContext | None = None,
    clock: Clock = monotonic,
) -> Fetch:
    """Return a function that fetches a document in a thread, whole or not at all.

    It raises `KeyFetchError` for any status but 200 (a redirect is not followed) and for a document that is
    too long or too slow.
    Proxies are taken from the environment, as urllib does.

    Options:
        timeout_s: Seconds for the whole document.
        max_bytes: Its longest size.
        context: TLS settings, for instance with a private authority; None means the system's.
    """

    async def fetch(url: str) -> bytes:
        import asyncio  # here, so that reading a key file does not load the event loop

        return await asyncio.to_thread(_get, url, timeout_s, max_bytes, context, clock)

    return fetch


def _get(url: str, timeout_s: float, max_bytes: int, context: ssl.SSLContext | None, clock: Clock) -> bytes:
    deadline = clock() + timeout_s
    try:
        with _open(url, timeout_s, context) as response:
            return _read(response, deadline, max_bytes, clock)
    except HTTPError as error:
        with error:  # it holds the socket
            raise KeyFetchError(f"the publisher answered with status {error.code}") from None
    except (OSError, HTTPException) as error:
        raise KeyFetchError(f"the publisher could not be reached: {error}") from error


def _open(url: str, timeout_s: float, context: ssl.SSLContext | None) -> Any:
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

    class NoRedirects(HTTPRedirectHandler):
        """A redirect would escape `check_url`: to plain http, or to an address inside our network."""

        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    request = Request(url, headers={"accept": _ACCEPT})  # noqa: S310  # the scheme went through check_url
    return build_opener(HTTPSHandler(context=context), NoRedirects).open(request, timeout=timeout_s)


def _read(response: Any, deadline: float, max_bytes: int, clock: Clock) -> bytes:
    if response.status != 200:
        raise KeyFetchError(f"the publisher answered with status {response.status}")
    document = bytearray()
    while piece := response.read1(_PIECE):
        document += piece
        if len(document) > max_bytes:
            raise KeyFetchError(f"the document is longer than {max_bytes} bytes")
        if clock() >= deadline:  # urllib's timeout is per read, so a slow drip would never meet it
            raise KeyFetchError("the publisher is too slow")
    if response.length:  # what is left to read; read1 does not complain
        raise KeyFetchError("the document broke off")
    return bytes(document)
