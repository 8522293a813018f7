"""Set, add and remove header fields, on the way to the upstream and on the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.headers import Headers
from clearway.plug.plugs.parts.options import header_name, pairs, texts
from clearway.plug.plugs.parts.template import Template, compile_template

__all__ = ["EditHeaders"]

# Who writes the message decides these. Whoever could set them could make two parsers see two messages.
FRAMING = frozenset({b"connection", b"content-length", b"keep-alive", b"proxy-connection", b"te", b"trailer",
                     b"transfer-encoding", b"upgrade"})  # fmt: skip


class EditHeaders:
    """Set, add and remove header fields of the request and of the response.

    Values may hold fields: `{principal}`, `{claims.NAME}`, `{request_id}`, `{client_ip}`, `{route}`,
    `{host}`, `{method}`, `{scheme}`; `{{` stands for a brace.

        EditHeaders(
            set_request={"x-user": "{principal}", "x-tenant": "{claims.org.id}"},
            remove_request=["authorization"],
            set_response={"strict-transport-security": "max-age=31536000"},
            remove_response=["server"],
        )

    Where a field has no value, `set` removes the header: a client that sends `x-tenant` by itself does not
    become a tenant. `add` then adds nothing, and leaves what the client sent: use `set` for identity.

    Options:
        set_request: Header fields of the request that get this one value.
        add_request: Header fields of the request that get one more line.
        remove_request: Header fields that are removed from the request.
        set_response: As `set_request`, for the response, just before it is sent.
        add_response: As `add_request`, for the response.
        remove_response: As `remove_request`, for the response.

    Removal comes first, then `set`, then `add`.
    The fields that frame a message (`content-length`, `connection`, ...) are refused.
    """

    __slots__ = ("_request", "_response")

    def __init__(
        self,
        *,
        set_request: Mapping[str, str] | None = None,
        add_request: Mapping[str, str] | None = None,
        remove_request: Iterable[str] = (),
        set_response: Mapping[str, str] | None = None,
        add_response: Mapping[str, str] | None = None,
        remove_response: Iterable[str] = (),
    ) -> None:
        self._request = _Edits("request", set_request or {}, add_request or {}, remove_request)
        self._response = _Edits("response", set_response or {}, add_response or {}, remove_response)
        if not self._request and not self._response:
            raise PlugOptionError("EditHeaders has nothing to set, add or remove")

    def __call__(self, conn: Conn) -> Conn:
        if self._request:
            conn = conn.put_headers(self._request.apply(conn.headers, conn))
        if self._response:
            conn = conn.register_before_send(self._edit_response)
        return conn

    def _edit_response(self, conn: Conn) -> Conn:
        return conn.put_resp_headers(self._response.apply(conn.resp_headers, conn))

    def __repr__(self) -> str:
        return (
            f"<EditHeaders {len(self._request)} edits of the request, {len(self._response)} of the response>"
        )


class _Edits:
    """What is done to one message's header."""

    __slots__ = ("_dropped", "_written")

    def __init__(self, message: str, put: Any, add: Any, remove: Any) -> None:
        settings = _compiled(f"set_{message}", put)
        additions = _compiled(f"add_{message}", add)
        removals = {_name(f"remove_{message}", name) for name in texts(f"remove_{message}", remove)}
        if twice := sorted(name for name in removals if name in dict(settings)):
            raise PlugOptionError(f"{twice[0].decode()!r} is both set and removed in the {message}")
        self._dropped = frozenset(removals | {name for name, _ in settings})
        self._written = (*settings, *additions)

    def apply(self, headers: Headers, conn: Conn) -> Headers:
        """Return `headers` edited."""
        kept = [pair for pair in headers.raw if pair[0] not in self._dropped]
        for name, template in self._written:
            value = template(conn)
            if value is not None:
                kept.append((name, value))
        return Headers(tuple(kept))

    def __len__(self) -> int:
        return len(self._dropped.union(name for name, _ in self._written))


def _compiled(option: str, values: Any) -> tuple[tuple[bytes, Template], ...]:
    return tuple((_name(option, name), compile_template(value)) for name, value in pairs(option, values))


def _name(option: str, name: str) -> bytes:
    key = header_name(option, name)
    if key in FRAMING:
        raise PlugOptionError(f"{option} holds {name!r}, which frames the message and is not yours to change")
    return key
