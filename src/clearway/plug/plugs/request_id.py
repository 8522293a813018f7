# Request ids.
#
# An id is a random prefix, made once per process, and a counter. Drawing random bytes for every request would
# make a system call for every request, and two processes already differ in the prefix (96 bits of it).
"""Give every request a name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import count
from secrets import token_urlsafe

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.headers import encode_value
from clearway.plug.plugs.parts.options import header_name

__all__ = ["RequestId"]

# Visible, and safe to paste into a shell or a log search. 20 to 200, as in Plug: long enough to be unique,
# short enough to log.
_KEPT = re.compile(rb"[A-Za-z0-9._~+/=:@-]{20,200}")

_PREFIX_BYTES = 12


def numbered_ids(random_text: Callable[[int], str] = token_urlsafe) -> Callable[[], bytes]:
    """Return a function that returns a new id at each call, such as `b"q2FtT0Vx7aCk5d1R-0000001f"`."""
    # A map's `__next__` runs no Python frame.
    return map(f"{random_text(_PREFIX_BYTES)}-%08x".encode().__mod__, count(1)).__next__


class _ProcessIds:
    """The ids of this process: a child that was forked begins with a prefix of its own."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self.next = numbered_ids()

    def __call__(self) -> bytes:
        return self.next()


_PROCESS_IDS = _ProcessIds()
os.register_at_fork(after_in_child=_PROCESS_IDS.renew)


class RequestId:
    """Name the request: for the log, for error answers, for the client and for the upstream.

    The id is in `conn.request_id`, and in the header of both the request and the response.
    An id that came with the request is kept if it is 20 to 200 letters, digits and `-._~+/=:@`; otherwise a
    new one takes its place.

        pipeline = Pipeline(RequestId(), ...)
        pipeline = Pipeline(RequestId(header="x-correlation-id", generator=lambda: str(uuid4())), ...)

    Options:
        header: The header that carries the id.
        generator: Function that returns a new id; by default a random prefix per process and a counter.

    An id names a request and is no secret: the counter tells how many requests a process has served.
    """

    __slots__ = ("_key", "_new_id", "header")

    def __init__(self, header: str = "x-request-id", *, generator: Callable[[], str] | None = None) -> None:
        if generator is not None and not callable(generator):
            raise PlugOptionError(f"generator must be a function that returns an id, not {generator!r}")
        self.header = header
        self._key = header_name("header", header)
        self._new_id = _PROCESS_IDS if generator is None else _checked(header, generator)

    def __call__(self, conn: Conn) -> Conn:
        key, headers = self._key, conn.headers
        value = headers.get_raw(key)
        if value is None or not _KEPT.fullmatch(value):
            value = self._new_id()
            headers = headers.put_raw(key, value)
        elif headers.is_repeated(key):
            headers = headers.put_raw(key, value)
        return conn.put_request_id(value.decode(), headers, conn.resp_headers.put_raw(key, value))

    def __repr__(self) -> str:
        return f"RequestId({self.header!r})"


def _checked(header: str, generator: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: encode_value(header, generator())
