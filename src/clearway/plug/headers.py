"""Header fields: an immutable, ordered multimap.

Fields stay the bytes that were on the wire, because most of them are only passed on; `str` is for people.
Names are lower-case: HTTP/1 does not care and HTTP/2 demands it (RFC 9113 section 8.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from clearway.plug._values import Lines
from clearway.plug.errors import InvalidHeaderError

__all__ = ["NO_HEADERS", "Headers", "RawHeaders", "encode_name", "encode_value"]

RawHeaders = tuple[tuple[bytes, bytes], ...]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSAFE_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@lru_cache(maxsize=1024)
def encode_name(name: str) -> bytes:
    """Return `name` lower-cased as bytes; raise `InvalidHeaderError` unless it is a token."""
    if not _TOKEN.fullmatch(name):
        raise InvalidHeaderError(f"header name {name!r} is not a token", hint="see RFC 9110 section 5.6.2")
    return name.lower().encode("ascii")


def encode_value(name: str, value: str) -> bytes:
    """Return `value` as bytes; raise `InvalidHeaderError` if it holds CR, LF, NUL or another control."""
    if value.isascii() and value.isprintable():
        return value.strip(" ").encode()
    if _UNSAFE_VALUE.search(value):
        raise InvalidHeaderError(
            f"value of header {name!r} holds a control character: {value[:80]!r}",
            hint="CR and LF would split the message; encode the value before you put it in a header",
        )
    try:
        return value.strip(" \t").encode("latin-1")
    except UnicodeEncodeError as error:
        raise InvalidHeaderError(
            f"value of header {name!r} holds {value[error.start]!r}, which a header cannot carry",
            hint="percent-encode it, or use RFC 8187's filename*=UTF-8''...",
        ) from error


class Headers(Lines):
    """The header fields of a request or a response, in order, repeated lines kept.

        headers = Headers.of(("accept", "text/html")).add("set-cookie", "a=1").add("set-cookie", "b=2")
        headers.get("Accept")              # "text/html"
        headers.get_all("set-cookie")      # ["a=1", "b=2"]

    Methods that change return a new object.
    The constructor takes a tuple of pairs of bytes, and trusts what they say: names must be lower-case tokens
    and values free of controls.
    `Headers.of` and the writers check.
    """

    __slots__ = ()

    @classmethod
    def of(cls, *pairs: tuple[str, str]) -> Headers:
        """Return headers made of checked `(name, value)` pairs."""
        return cls(tuple((encode_name(name), encode_value(name, value)) for name, value in pairs))

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of `name`, or `default`."""
        value = self.get_raw(name.lower().encode("latin-1", "replace"))
        return default if value is None else value.decode("latin-1")

    def get_all(self, name: str) -> list[str]:
        """Return every value of `name` in order; an empty list if there is none."""
        key = name.lower().encode("latin-1", "replace")
        if self.get_raw(key) is None:
            return []
        return [value.decode("latin-1") for field, value in self.raw if field == key]

    def put(self, name: str, value: str) -> Headers:
        """Return headers in which `name` has this one value; it takes the place of the lines it replaces."""
        return self.put_raw(encode_name(name), encode_value(name, value))

    def add(self, name: str, value: str) -> Headers:
        """Return headers with one more line of `name`."""
        return Headers((*self.raw, (encode_name(name), encode_value(name, value))))

    def delete(self, *names: str) -> Headers:
        """Return headers without any line of `names`."""
        return self.delete_raw(frozenset(encode_name(name) for name in names))

    def delete_raw(self, names: frozenset[bytes]) -> Headers:
        """Like `delete`, for lower-case names as bytes."""
        return Headers(tuple([pair for pair in self.raw if pair[0] not in names]))

    def items(self) -> Iterable[tuple[str, str]]:
        """Yield `(name, value)` as text, in order."""
        for name, value in self.raw:
            yield name.decode("latin-1"), value.decode("latin-1")

    def __contains__(self, name: str) -> bool:
        return self.get_raw(name.lower().encode("latin-1", "replace")) is not None

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(name.decode('latin-1') for name, _ in self.raw)}>"


NO_HEADERS = Headers()
