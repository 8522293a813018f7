# The request head: what httptools (llhttp) leaves to its user.
#
# llhttp refuses what cannot be parsed in one way: bare LF, obs-fold, space before a colon, controls, repeated
# or malformed Content-Length, Content-Length beside Transfer-Encoding, `chunked` that is not last
# (tests/conformance/test_framing.py holds it to that). Left to us: Host, versions, codings we do not speak,
# Transfer-Encoding on HTTP/1.0, Expect, the forms of the target, and hop-by-hop fields.
"""The request head, checked and split: pure functions over parsed fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from clearway.plug import RequestError
from clearway.plug.headers import Headers

__all__ = ["Head", "Raw", "keep_end_to_end", "read_head"]

Raw = list[tuple[bytes, bytes]]

# RFC 9110 section 7.6.1, and Expect, which we answer ourselves.
HOP_BY_HOP = frozenset(
    [b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade", b"expect",
     b"proxy-authorization", b"proxy-authenticate"]
)  # fmt: skip

_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(r"[hH][tT][tT][pP][sS]?://([^/?#]+)([^?#]*)(?:\?([^#]*))?")
_KNOWN_ONCE = (b"host", b"content-length", b"transfer-encoding", b"expect")


@dataclass(slots=True)
class Head:
    """A request head.

    Attributes:
        headers: The end-to-end fields.
        length: Bytes of the body, 0 for none, None for chunked.
    """

    method: str
    path: str
    query_string: str
    host: str
    http_version: str
    headers: Headers
    length: int | None
    keep_alive: bool
    expects_continue: bool


@lru_cache(maxsize=1024)
def _host(value: bytes) -> str:
    if not _HOST.fullmatch(value):
        raise RequestError(400, "the Host header is not a host")
    host = value.decode("ascii").lower()
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host


def read_head(method: str, target: str, version: str, fields: Raw) -> Head:
    """Check a parsed head and return it without its hop-by-hop fields; raise `RequestError` if it is refused.

    Field names must be lower-case and values stripped.
    Sources: RFC 9112 sections 3.2, 6.1 and 6.3, RFC 9110 sections 7.6.1 and 10.1.1.
    """
    index = dict(fields)
    if len(index) != len(fields):
        _refuse_repeats(fields)
        index = dict(reversed(fields))
    if version not in ("1.1", "1.0"):
        raise RequestError(505, f"HTTP/{version} is not spoken here")
    host = index.get(b"host")
    if host is None and version == "1.1":
        raise RequestError(400, "the Host header is missing")
    length: int | None = 0
    if HOP_BY_HOP.isdisjoint(index):
        if (digits := index.get(b"content-length")) is not None:
            length = int(digits)
        keep_alive, expects = version == "1.1", False
        headers = Headers(tuple(fields), index)
    else:
        length = _body_length(index, version)
        keep_alive = _keeps_alive(index.get(b"connection"), version)
        expects = _expects_continue(index, version)
        headers = keep_end_to_end(fields, index)
    head = Head(
        method, target, "", _host(host) if host else "", version, headers, length, keep_alive, expects
    )
    if target[0] == "/":
        head.path, _, head.query_string = target.partition("?")
    else:
        _read_other_form(head, target)
    return head


def _refuse_repeats(fields: Raw) -> None:
    names = [name for name, _ in fields]
    for name in _KNOWN_ONCE:
        if names.count(name) > 1:
            raise RequestError(400, f"the {name.decode()} header is repeated")


def _body_length(index: dict[bytes, bytes], version: str) -> int | None:
    coding = index.get(b"transfer-encoding")
    if coding is None:
        digits = index.get(b"content-length")
        return 0 if digits is None else int(digits)
    if version == "1.0":
        raise RequestError(400, "Transfer-Encoding on HTTP/1.0")
    if coding.lower() != b"chunked":
        raise RequestError(501, "the only transfer coding spoken here is chunked")
    return None


def _keeps_alive(connection: bytes | None, version: str) -> bool:
    options = _options(connection)
    return b"close" not in options and (version == "1.1" or b"keep-alive" in options)


def _expects_continue(index: dict[bytes, bytes], version: str) -> bool:
    expectation = index.get(b"expect")
    if expectation is None or version == "1.0":
        return False
    if expectation.lower() != b"100-continue":
        raise RequestError(417, "the only expectation known here is 100-continue")
    return True


def _options(connection: bytes | None) -> list[bytes]:
    return [option.strip() for option in connection.lower().split(b",")] if connection else []


def keep_end_to_end(fields: Raw, index: dict[bytes, bytes]) -> Headers:
    """Return `fields` without those that are for one connection only: the known ones and those that
    `Connection` names; `TE: trailers` is kept, because it says what the client can read."""
    dropped = set(HOP_BY_HOP)
    if b"connection" in index:
        for name, value in fields:
            if name == b"connection":
                dropped.update(_options(value))
        # A client must not talk us out of fields that frame or name the request.
        dropped -= {b"host", b"content-length"}
    kept = [pair for pair in fields if pair[0] not in dropped]
    if b"trailers" in _options(index.get(b"te")):
        kept.append((b"te", b"trailers"))
    return Headers(tuple(kept))


def _read_other_form(head: Head, target: str) -> None:
    if target == "*" and head.method == "OPTIONS":
        head.path = "*"
        return
    found = _ABSOLUTE.fullmatch(target)
    if found is None:
        raise RequestError(400, "the request target is neither a path nor an http URI")
    authority = found[1].encode("latin-1")
    head.host = _host(authority)  # RFC 9112 section 3.2.2: the target's host replaces Host
    head.headers = head.headers.put_raw(b"host", authority)
    head.path, head.query_string = found[2] or "/", found[3] or ""
