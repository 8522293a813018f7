"""Challenges: what a 401 tells the client to send (RFC 9110 section 11.6.1).

The plugs that verify credentials record a challenge each; the plug that requires them sends all.
"""

from __future__ import annotations

import re

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugContractError, PlugOptionError
from clearway.plug.problem import problem

__all__ = ["add_challenge", "challenges", "quoted", "refuse_repeated_authorization", "unauthorized"]

KEY = "challenges"  # in conn.private

_TEXT = re.compile(r"[\x20-\x7e]*")


def quoted(text: str) -> str:
    """Return `text` as a quoted-string (RFC 9110 section 5.6.4); refuse what is not printable ASCII."""
    if not _TEXT.fullmatch(text):
        raise PlugOptionError(f"{text!r} cannot stand in a challenge: write it in printable ASCII")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def challenges(conn: Conn) -> tuple[str, ...]:
    """Return the challenges recorded so far."""
    recorded: tuple[str, ...] = conn.private.get(KEY, ())
    return recorded


def add_challenge(conn: Conn, challenge: str) -> Conn:
    """Record one more challenge, to be sent if the request is refused for want of credentials."""
    return conn.put_private(KEY, (*challenges(conn), challenge))


def unauthorized(conn: Conn) -> Conn:
    """Answer 401 with one `www-authenticate` line per recorded challenge, and halt."""
    recorded = challenges(conn)
    if not recorded:
        raise PlugContractError(
            "credentials are required, but no plug before this one verifies any",
            hint="put BasicAuth or Bearer before it; a plug of your own calls add_challenge",
        )
    headers = conn.resp_headers.delete("www-authenticate").put("cache-control", "no-store")
    for challenge in recorded:
        headers = headers.add("www-authenticate", challenge)
    detail = "this needs valid credentials"
    return problem(conn.put_resp_headers(headers), 401, detail).halt()


def refuse_repeated_authorization(conn: Conn) -> Conn:
    """Answer 400 and halt: of two `authorization` lines, another parser might believe the other one."""
    return problem(conn, 400, "the request has more than one Authorization line").halt()
