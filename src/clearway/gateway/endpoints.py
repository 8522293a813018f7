"""Endpoints that need no upstream: a fixed answer, and a redirect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from clearway.plug import Conn

__all__ = ["Redirect", "Respond"]

_PLACE = re.compile(r"\{([^{}]*)\}")


class Respond:
    """Answer with fixed content.

    Respond(200, b"ok", "text/plain")
    """

    def __init__(self, status: int, body: bytes, content_type: str) -> None:
        self._status, self._body = status, body
        self._content_type = content_type if body else None

    def __call__(self, conn: Conn) -> Conn:
        return conn.send_resp(self._status, self._body, self._content_type)

    def __repr__(self) -> str:
        return f"Respond({self._status}, {len(self._body)} bytes)"


class Redirect:
    """Answer with a redirect.

        Redirect("/v2/orders/{id}", 308)

    `{name}` stands for a param of the route, escaped so that it cannot leave its place.
    The query goes along unless `to` has one.
    """

    def __init__(self, to: str, status: int) -> None:
        self._to, self._status = to, status

    def __call__(self, conn: Conn) -> Conn:
        to = _PLACE.sub(lambda found: _escaped(conn.params, found[1]), self._to)
        if conn.query_string and "?" not in to:
            to = f"{to}?{conn.query_string}"
        return conn.put_resp_header("location", to).send_resp(self._status)

    def __repr__(self) -> str:
        return f"Redirect({self._to!r}, {self._status})"


def _escaped(params: Mapping[str, str], name: str) -> str:
    return quote(params.get(name, ""), safe="/")
