# The request head: what httptools (llhttp) leaves to its user.
#
# llhttp refuses what cannot be parsed in one way: bare LF, obs-fold, space before a colon, controls, repeated
# or malformed Content-Length, Content-Length beside Transfer-Encoding, `chunked` that is not last
# (tests/conformance/test_framing.py holds it to that). Left to us: Host, versions, codings we do not speak,
# Transfer-Encoding on HTTP/1.0, Expect, the forms of the target, and hop-by-hop fields.
"""The request head, checked and split: pure functions over parsed fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from clearway.http._messages import FRAMING, KNOWN_HOSTS
from clearway.plug import RequestError
from clearway.plug.headers import Headers

__all__ = [
    "FRAMING",
    "Framing",
    "Head",
    "Raw",
    "head_size",
    "keep_unnamed",
    "note_framing",
    "options",
    "read_head",
]

Raw = list[tuple[bytes, bytes]]
Framing = dict[bytes, bytes]

_HOSTS_KNOWN = 1024
_LONGEST_HOST_KNOWN = 253 + len(":65535")  # a name of the DNS, and a port
_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
_ABSOLUTE = re.compile(r"[hH][tT][tT][pP][sS]?://([^/?#]+)([^?#]*)(?:\?([^#]*))?")
# llhttp also parses RTSP and ICE; these are not HTTP's.
_FOREIGN = frozenset(
    [
        "ANNOUNCE",
        "CONNECT",
        "DESCRIBE",
        "FLUSH",
        "GET_PARAMETER",
        "PAUSE",
        "PLAY",
        "PRI",
        "RECORD",
        "REDIRECT",
        "SETUP",
        "SET_PARAMETER",
        "SOURCE",
        "TEARDOWN",
    ]
)


class Head:
    """A request head.

    Attributes:
        host: The name in Host, in lower case and without its port.
        headers: The end-to-end fields.
        length: Bytes of the body, 0 for none, None for chunked.
    """

    __slots__ = (
        "expects_continue",
        "headers",
        "host",
        "http_version",
        "keep_alive",
        "length",
        "method",
        "path",
        "query_string",
    )

    def __init__(
        self,
        method: str,
        path: str,
        query_string: str,
        host: str,
        http_version: str,
        headers: Headers,
        length: int | None,
        keep_alive: bool,
        expects_continue: bool,
    ) -> None:
        self.method = method
        self.path = path
        self.query_string = query_string
        self.host = host
        self.http_version = http_version
        self.headers = headers
        self.length = length
        self.keep_alive = keep_alive
        self.expects_continue = expects_continue


def note_framing(framing: Framing, name: bytes, value: bytes) -> None:
    """Keep a framing field; lines of one name are one list (RFC 9110 section 5.3)."""
    framing[name] = b"%b, %b" % (framing[name], value) if name in framing else value


def head_size(fields: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the bytes that the lines of `fields` have on the wire."""
    return sum([len(name) + len(value) + 4 for name, value in fields])


def read_head(
    method: str, target: str, version: str, hosts: list[bytes], fields: Raw, framing: Framing
) -> Head:
    """Check a parsed head and return it; raise `RequestError` if it is refused.

    `hosts` holds the value of every Host line, `framing` the fields named in `FRAMING`, `fields` all others,
    Host included. Names are lower-case, values stripped.
    Sources: RFC 9112 sections 3.2, 6.1 and 6.3, RFC 9110 sections 7.6.1 and 10.1.1.
    """
    if version != "1.1" and version != "1.0":
        raise RequestError(505, f"HTTP/{version} is not spoken here")
    if method in _FOREIGN:
        raise RequestError(501, f"the method {method} is not served here")
    if len(hosts) == 1:
        host = _host(hosts[0])
    elif hosts or version == "1.1":
        raise RequestError(400, f"the Host header is {'repeated' if hosts else 'missing'}")
    else:
        host = ""
    if target[0] == "/":
        path, _, query = target.partition("?")
        if "#" in target:
            raise RequestError(400, "the request target holds a fragment")
    else:
        path, query, host = _read_other_form(method, target, host, fields)
    if not framing:
        return Head(method, path, query, host, version, Headers(tuple(fields)), 0, version == "1.1", False)
    length = _body_length(framing, version)
    return Head(
        method,
        path,
        query,
        host,
        version,
        _end_to_end(fields, framing),
        length,
        _keeps_alive(framing.get(b"connection", b""), version),
        length != 0 and _expects_continue(framing.get(b"expect"), version),
    )


def _host(value: bytes) -> str:
    host = KNOWN_HOSTS.get(value)
    if host is None:
        host = _parse_host(value)
        if len(value) <= _LONGEST_HOST_KNOWN:
            if len(KNOWN_HOSTS) >= _HOSTS_KNOWN:  # clients choose them
                KNOWN_HOSTS.clear()
            KNOWN_HOSTS[value] = host
    return host


def _parse_host(value: bytes) -> str:
    if not _HOST.fullmatch(value):
        raise RequestError(400, "the Host header is not a host")
    host = value.decode("ascii").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and (port.isdigit() or not port) else host


def _body_length(framing: Framing, version: str) -> int | None:
    coding = framing.get(b"transfer-encoding")
    if coding is None:
        digits = framing.get(b"content-length")
        return 0 if digits is None else int(digits)
    if version == "1.0":
        raise RequestError(400, "Transfer-Encoding on HTTP/1.0")
    codings = coding.lower()
    if codings == b"chunked":
        return None
    if codings.split(b",")[-1].strip() != b"chunked":
        raise RequestError(400, "the last transfer coding is not chunked")  # RFC 9112 section 6.3, rule 4
    raise RequestError(501, "the only transfer coding spoken here is chunked")


@lru_cache(maxsize=256)
def options(value: bytes) -> frozenset[bytes]:
    """Return the members of a comma-separated list, in lower case."""
    return frozenset([option.strip() for option in value.lower().split(b",")])


@lru_cache(maxsize=256)
def _keeps_alive(connection: bytes, version: str) -> bool:
    said = options(connection)
    return b"close" not in said and (version == "1.1" or b"keep-alive" in said)


def _expects_continue(expectation: bytes | None, version: str) -> bool:
    if expectation is None or version == "1.0":
        return False
    if expectation.lower() != b"100-continue":
        raise RequestError(417, "the only expectation known here is 100-continue")
    return True


_NEVER_NAMED = FRAMING | {b"close", b"host"}


def keep_unnamed(fields: Raw, framing: Framing) -> Raw:
    """Return `fields` without those that Connection names; a peer cannot talk us out of Host."""
    connection = framing.get(b"connection")
    named = options(connection) - _NEVER_NAMED if connection else None
    return [pair for pair in fields if pair[0] not in named] if named else fields


def _end_to_end(fields: Raw, framing: Framing) -> Headers:
    """Return what goes on, with what plugs and the upstream may want to know: length, and `TE: trailers`."""
    kept = keep_unnamed(fields, framing)
    if b"te" in framing and b"trailers" in options(framing[b"te"]):
        kept.append((b"te", b"trailers"))
    if b"content-length" in framing:
        kept.append((b"content-length", framing[b"content-length"]))
    return Headers(tuple(kept))


def _read_other_form(method: str, target: str, host: str, fields: Raw) -> tuple[str, str, str]:
    """Return path, query and host of a target that is not a path (RFC 9112 section 3.2)."""
    if target == "*" and method == "OPTIONS":
        return "*", "", host
    found = _ABSOLUTE.fullmatch(target)
    if found is None:
        raise RequestError(400, "the request target is neither a path nor an http URI")
    authority = found[1].encode("latin-1")
    # Section 3.2.2: the target's host replaces Host.
    fields[:] = [(b"host", authority), *[pair for pair in fields if pair[0] != b"host"]]
    return found[2] or "/", found[3] or "", _host(authority)
