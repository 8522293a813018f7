# The connection: one request and its response, as a value.
#
# Rule 1: a Conn never changes. A verb returns a new one, so a plug may be interrupted anywhere and is tested
#         by calling it.
# Rule 2: nothing here does I/O. `send_resp` decides the response; the adapter writes what the pipeline
#         returns.
#
# The fields are in `_native/fields.c`, and so is `_with`, the copy that every verb makes: 0.1 us, where
# `dataclasses.replace` takes 6 (benchmarks/plugs.py).
"""The connection: one request and its response, as an immutable value."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs

from clearway.plug._values import Fields
from clearway.plug.errors import AlreadySentError, PlugContractError
from clearway.plug.fields import (
    Adapter,
    AfterSend,
    BeforeSend,
    NoAdapter,
    RespBody,
    Sent,
    State,
)
from clearway.plug.headers import NO_HEADERS, Headers, encode_name, encode_value
from clearway.plug.path import split_path
from clearway.plug.principal import Principal
from clearway.plug.stream import EMPTY, Stream

__all__ = ["Adapter", "AfterSend", "BeforeSend", "Conn", "RespBody", "Sent", "State"]

UNSET, SET, SENT = State.UNSET, State.SET, State.SENT
_EMPTY_MAP: Mapping[str, Any] = MappingProxyType({})
_NO_ADAPTER: Final = NoAdapter()
# What llhttp takes for a target (RFC 9112 section 3.2 allows less): a path from "/", or "*" alone.
_PATH: Final = re.compile(r"/[!-\"$->@-~]*|\*")
_QUERY: Final = re.compile(r"[!-\"$-~]*")


class Conn(Fields):
    """One request and its response, passed from plug to plug.

        def hello(conn: Conn) -> Conn:
            name = conn.params.get("name", "world")
            return conn.put_resp_header("x-greeted", name).send_resp(200, f"hello, {name}")

    Request: `method`, `path` (as received), `query_string`, `headers`, `peer`, `scheme`, `host`,
    `http_version`, `body` (a `Stream`), `started` (monotonic seconds).
    Filled on the way: `params` and `route` (the router), `script_name` (`forward`), `principal` (the auth
    plugs), `request_id`, `assigns` (yours), `private` (libraries').
    Response: `status`, `resp_headers`, `resp_body`, `state`, `halted`.

    The body is not read until somebody asks: iterate `conn.body`, or `await conn.fetch_body(limit)`.
    """

    __slots__ = ()

    def __new__(
        cls,
        method: str,
        path: str,
        *,
        query_string: str = "",
        headers: Headers = NO_HEADERS,
        peer: tuple[str, int] | None = None,
        scheme: str = "http",
        host: str = "",
        http_version: str = "1.1",
        body: Stream = EMPTY,
        adapter: Adapter | None = None,
        started: float = 0.0,
    ) -> Conn:
        adapter = adapter or _NO_ADAPTER
        return open_conn(
            method, path, query_string, headers, peer, scheme, host, http_version, body, adapter, started
        )

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(
            f"a Conn does not change: use a verb that returns a new one, not conn.{name} = ..."
        )

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Conn does not change: it keeps its {name}")

    # The request

    @property
    def path_info(self) -> tuple[str, ...]:
        """The decoded path segments that no `forward` has consumed; may raise `RequestError` 400."""
        segments = split_path(self.path)
        return segments[len(self.script_name) :] if self.script_name else segments

    @property
    def query_params(self) -> dict[str, list[str]]:
        """The query string's parameters, each with all its values; parsed at each call."""
        return parse_qs(self.query_string, keep_blank_values=True)

    async def fetch_body(self, limit: int = 1 << 20) -> bytes:
        """Read the whole request body; raise `RequestError` 413 past `limit` bytes."""
        return await self.body.read(limit)

    def put_req_header(self, name: str, value: str) -> Conn:
        """Replace the request header `name`, for the plugs and the upstream behind this one."""
        return self._with(headers=self.headers.put(name, value))

    def delete_req_header(self, *names: str) -> Conn:
        """Remove request headers."""
        return self._with(headers=self.headers.delete(*names))

    def put_headers(self, headers: Headers) -> Conn:
        """Replace all request headers."""
        return self._with(headers=headers)

    def put_target(self, path: str, query_string: str) -> Conn:
        """Replace the request's path and query, for the plugs and the upstream behind this one.

        Both are as on the wire: percent-encoded. What would end or split the request line there raises
        `PlugContractError`.
        """
        if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query_string):
            raise PlugContractError(
                f"a request target cannot be {f'{path}?{query_string}'[:80]!r}",
                hint="percent-encode it: urllib.parse.quote(path)",
            )
        return self._with(path=path, query_string=query_string)

    def put_peer(self, peer: tuple[str, int] | None, scheme: str, host: str) -> Conn:
        """Say who the client really is, when a trusted proxy in front has told."""
        return self._with(peer=peer, scheme=scheme, host=host)

    def put_body(self, body: Stream) -> Conn:
        """Replace the request body's stream, for instance by one that counts."""
        return self._with(body=body)

    # Filled on the way

    def assign(self, key: str, value: Any) -> Conn:
        """Keep a value of yours under `key` in `assigns`."""
        return self._with(assigns={**self.assigns, key: value})

    def put_private(self, key: str, value: Any) -> Conn:
        """Keep a library's value under `key` in `private`; begin the key with the library's name."""
        return self._with(private={**self.private, key: value})

    def put_principal(self, principal: Principal | None) -> Conn:
        """Say who is asking; only after their credentials were verified."""
        return self._with(principal=principal)

    def put_request_id(
        self, request_id: str, headers: Headers | None = None, resp_headers: Headers | None = None
    ) -> Conn:
        """Name this request, for logs and error answers; in one copy with the headers that tell it on."""
        headers = self.headers if headers is None else headers
        if resp_headers is None:
            return self._with(request_id=request_id, headers=headers)
        return _unsent(self)._with(request_id=request_id, headers=headers, resp_headers=resp_headers)

    def put_route(
        self, route: str | None, params: Mapping[str, str], script_name: tuple[str, ...] | None = None
    ) -> Conn:
        """Say which route matched: its template (never the path itself) and the path's params.

        With `script_name`, also which leading path segments the route consumed.
        """
        if script_name is None:
            return self._with(route=route, params=params)
        return self._with(route=route, params=params, script_name=script_name)

    def put_script_name(self, script_name: tuple[str, ...]) -> Conn:
        """Say which leading path segments are consumed."""
        return self._with(script_name=script_name)

    # The response

    def put_status(self, status: int) -> Conn:
        """Set the status of the response to be sent."""
        return _unsent(self)._with(status=_checked_status(status))

    def put_resp_headers(self, headers: Headers) -> Conn:
        """Replace all response headers."""
        return _unsent(self)._with(resp_headers=headers)

    def put_resp_header(self, name: str, value: str) -> Conn:
        """Set the response header `name` to one value."""
        headers = self.resp_headers.put_raw(encode_name(name), encode_value(name, value))
        return _unsent(self)._with(resp_headers=headers)

    def add_resp_header(self, name: str, value: str) -> Conn:
        """Add one more line of the response header `name`."""
        return self.put_resp_headers(self.resp_headers.add(name, value))

    def update_resp_header(self, name: str, default: str, update: Callable[[str], str]) -> Conn:
        """Set `name` to `update(value)`, or to `default` if it is absent."""
        value = self.resp_headers.get(name)
        return self.put_resp_header(name, default if value is None else update(value))

    def delete_resp_header(self, *names: str) -> Conn:
        """Remove response headers."""
        return self.put_resp_headers(self.resp_headers.delete(*names))

    def send_resp(
        self,
        status: int,
        body: str | RespBody = b"",
        content_type: str | None = None,
        *,
        headers: Headers | None = None,
    ) -> Conn:
        """Decide the response, and run the `before_send` hooks, last registered first.

        `body` is bytes, text (sent as UTF-8), a `Stream`, or an async iterable of bytes.
        Text is `text/plain` unless `content_type` or a header put before says otherwise.
        `headers` replaces all response headers that were put before.
        Later plugs still run: say `.halt()` too if they should not.
        Raises `AlreadySentError` if a response was decided before.
        """
        if self.state is not UNSET:
            _unsent(self)
            raise PlugContractError("a before_send hook sent a response; it may only change the one at hand")
        headers = self.resp_headers if headers is None else headers
        if isinstance(body, str):
            body = body.encode()
            if content_type is None and headers.get_raw(b"content-type") is None:
                content_type = "text/plain; charset=utf-8"
        elif body.__class__ is not bytes:
            _refuse_unsendable(body)
        if content_type is not None:
            headers = headers.put_raw(b"content-type", encode_value("content-type", content_type))
        status = _checked_status(status)
        if self.before_send:
            return _decide(self._with(status=status, resp_headers=headers, resp_body=body, state=SET))
        return self._with(status=status, resp_headers=headers, resp_body=body, state=SENT)

    def send_json(self, status: int, value: Any) -> Conn:
        """Send `value` as JSON."""
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
        return self.send_resp(status, body, "application/json")

    def halt(self) -> Conn:
        """Skip the plugs that follow, in this pipeline and in those around it; sends nothing by itself."""
        return self._with(halted=True)

    def inform(self, status: int, headers: Headers = NO_HEADERS) -> Conn:
        """Send an interim response (100-199, not 101) at once, for instance 103 Early Hints."""
        if not 100 <= status < 200 or status == 101:
            raise ValueError(f"an interim response has a status of 100 or 102 to 199, not {status}")
        self.adapter.inform(status, headers)
        return self

    def register_before_send(self, hook: BeforeSend) -> Conn:
        """Run `hook(conn) -> conn` when a response is sent, just before its head is written."""
        if _unsent(self).state is SET:
            raise PlugContractError("a before_send hook registered another one, which would never run")
        return self._with(before_send=(*self.before_send, hook))

    def register_after_send(self, hook: AfterSend) -> Conn:
        """Run `hook(conn, sent)` once, when the response is complete or broke off."""
        return self._with(after_send=(*self.after_send, hook))

    def __repr__(self) -> str:
        status = self.status if self.status is not None else self.state.value
        return f"<Conn {self.method} {self.path} -> {status}{' halted' if self.halted else ''}>"


def _unsent(conn: Conn) -> Conn:
    """Return `conn`; raise if its response can no longer be changed."""
    if conn.state is SENT:
        raise AlreadySentError(
            f"the response to {conn.method} {conn.path} was already sent (status {conn.status})",
            hint="a plug that sends usually wants conn.send_resp(...).halt()",
        )
    return conn


def open_conn(
    method: str,
    path: str,
    query_string: str,
    headers: Headers,
    peer: tuple[str, int] | None,
    scheme: str,
    host: str,
    http_version: str,
    body: Stream,
    adapter: Adapter,
    started: float,
) -> Conn:
    """Return a fresh conn: what calling Conn does, for a server, without the cost of passing by name."""
    return _BLANK._with(
        method=method,
        path=path,
        query_string=query_string,
        headers=headers,
        peer=peer,
        scheme=scheme,
        host=host,
        http_version=http_version,
        body=body,
        adapter=adapter,
        started=started,
    )


_BLANK: Final[Conn] = Fields.__new__(Conn)._with(
    script_name=(),
    params=_EMPTY_MAP,
    assigns=_EMPTY_MAP,
    private=_EMPTY_MAP,
    principal=None,
    route=None,
    request_id=None,
    status=None,
    resp_headers=NO_HEADERS,
    resp_body=b"",
    state=UNSET,
    halted=False,
    before_send=(),
    after_send=(),
)


def blank_conn(peer: tuple[str, int] | None = None, scheme: str = "http") -> Conn:
    """Return a conn without a request: what a server copies for each request of one connection."""
    return open_conn("GET", "/", "", NO_HEADERS, peer, scheme, "", "1.1", EMPTY, _NO_ADAPTER, 0.0)


def _decide(conn: Conn) -> Conn:
    """Run the `before_send` hooks of a conn that is SET, and return it SENT."""
    for hook in reversed(conn.before_send):
        conn = hook(conn)
        if conn.__class__ is not Conn or conn.state is not SET:
            raise PlugContractError(
                f"before_send hook {hook!r} must return the conn it was given, changed or not"
            )
    return conn._with(state=SENT)


def switch_protocols(conn: Conn) -> Conn:
    """Decide on 101, run the `before_send` hooks, and leave the socket to somebody else; for adapters."""
    return _decide(_unsent(conn)._with(status=101, state=SET))


def without_response(conn: Conn) -> Conn:
    """Return `conn` as if no plug had touched the response, its `after_send` hooks apart; for adapters."""
    return conn._with(
        status=None, resp_headers=NO_HEADERS, resp_body=b"", state=UNSET, halted=False, before_send=()
    )


def _refuse_unsendable(body: object) -> None:
    if not isinstance(body, Stream | AsyncIterable):
        kind = type(body).__name__
        raise PlugContractError(f"a body is bytes, text, a Stream or an async iterable of bytes, not {kind}")


def _checked_status(status: int) -> int:
    if not 200 <= status <= 999:
        raise ValueError(
            f"a final status is a number from 200 to 999, not {status!r}; see conn.inform for 1xx"
        )
    return status
