# The connection: one request and its response, as a value.
#
# Rule 1: a Conn never changes. A verb returns a new one, so a plug may be interrupted anywhere and is tested
#         by calling it.
# Rule 2: nothing here does I/O. `send_resp` decides the response; the adapter writes what the pipeline
#         returns.
#
# Theory of operation
# -------------------
# The fields live in the slots of `_Fields`. A verb copies them into a bare `_Fields`, sets what it changes
# with plain slot stores, and turns the copy into a Conn by assigning its class: only Conn forbids assignment.
# That costs 0.4 us where `dataclasses.replace` costs 6 us (benchmarks/plugs.py).
"""The connection: one request and its response, as an immutable value."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, Protocol
from urllib.parse import parse_qs

from clearway.plug.errors import AlreadySentError, PlugContractError
from clearway.plug.headers import NO_HEADERS, Headers, encode_name, encode_value
from clearway.plug.path import split_path
from clearway.plug.principal import Principal
from clearway.plug.stream import EMPTY, Stream

__all__ = ["Adapter", "AfterSend", "BeforeSend", "Conn", "RespBody", "Sent", "State"]


class State(Enum):
    """How far the response is: nothing decided, hooks running, decided for good."""

    UNSET = "unset"
    SET = "set"
    SENT = "sent"


UNSET, SET, SENT = State.UNSET, State.SET, State.SENT

RespBody = bytes | Stream | AsyncIterable[bytes]
_EMPTY_MAP: Mapping[str, Any] = MappingProxyType({})


class Sent(NamedTuple):
    """How a response ended: what `register_after_send` hooks are told.

    Attributes:
        bytes_sent: Bytes of the body that were handed to the client's socket.
        duration_s: Seconds from the first byte of the request to the end of the response.
        outcome: `"complete"`, or who broke it off: `"client_closed"`, `"upstream_closed"`, `"timeout"`, ...
    """

    bytes_sent: int
    duration_s: float
    outcome: str


class Adapter(Protocol):
    """What joins a pipeline to the world; a plug reaches it through the conn's verbs only."""

    def inform(self, status: int, headers: Headers) -> None:
        """Send an interim (1xx) response at once."""


class NoAdapter:
    """The adapter of a conn that no server made: interim responses go nowhere."""

    def inform(self, status: int, headers: Headers) -> None:
        """Drop the interim response, as HTTP/1.0 and RFC 9110 section 15.2 allow."""


class _Fields:
    """The slots of a Conn, still open to assignment."""

    __slots__ = (
        "adapter", "after_send", "assigns", "before_send", "body", "halted", "headers", "host",
        "http_version", "method", "params", "path", "peer", "principal", "private", "query_string",
        "request_id", "resp_body", "resp_headers", "route", "scheme", "script_name", "started", "state",
        "status",
    )  # fmt: skip

    method: str
    path: str
    query_string: str
    headers: Headers
    peer: tuple[str, int] | None
    scheme: str
    host: str
    http_version: str
    body: Stream
    adapter: Adapter
    started: float
    script_name: tuple[str, ...]
    params: Mapping[str, str]
    assigns: Mapping[str, Any]
    private: Mapping[str, Any]
    principal: Principal | None
    route: str | None
    request_id: str | None
    status: int | None
    resp_headers: Headers
    resp_body: RespBody
    state: State
    halted: bool
    before_send: tuple[BeforeSend, ...]
    after_send: tuple[AfterSend, ...]


class Conn(_Fields):
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
        new: Any = _Fields()
        new.method, new.path, new.query_string, new.headers = method, path, query_string, headers
        new.peer, new.scheme, new.host, new.http_version = peer, scheme, host, http_version
        new.body, new.adapter, new.started = body, adapter or _NO_ADAPTER, started
        new.script_name, new.params, new.assigns, new.private = (), _EMPTY_MAP, _EMPTY_MAP, _EMPTY_MAP
        new.principal = new.route = new.request_id = new.status = None
        new.resp_headers, new.resp_body, new.state, new.halted = NO_HEADERS, b"", UNSET, False
        new.before_send, new.after_send = (), ()
        return _seal(new)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(
            f"a Conn does not change: use a verb that returns a new one, not conn.{name} = ..."
        )

    # The request

    @property
    def path_info(self) -> tuple[str, ...]:
        """The decoded path segments that no `forward` has consumed; may raise `RequestError` 400."""
        return split_path(self.path)[len(self.script_name) :]

    @property
    def query_params(self) -> dict[str, list[str]]:
        """The query string's parameters, each with all its values; parsed at each call."""
        return parse_qs(self.query_string, keep_blank_values=True)

    async def fetch_body(self, limit: int = 1 << 20) -> bytes:
        """Read the whole request body; raise `RequestError` 413 past `limit` bytes."""
        return await self.body.read(limit)

    def put_req_header(self, name: str, value: str) -> Conn:
        """Replace the request header `name`, for the plugs and the upstream behind this one."""
        new = _draft(self)
        new.headers = self.headers.put(name, value)
        return _seal(new)

    def delete_req_header(self, *names: str) -> Conn:
        """Remove request headers."""
        new = _draft(self)
        new.headers = self.headers.delete(*names)
        return _seal(new)

    def put_headers(self, headers: Headers) -> Conn:
        """Replace all request headers."""
        new = _draft(self)
        new.headers = headers
        return _seal(new)

    def put_target(self, path: str, query_string: str) -> Conn:
        """Replace the request's path and query, for the plugs and the upstream behind this one."""
        new = _draft(self)
        new.path, new.query_string = path, query_string
        return _seal(new)

    def put_peer(self, peer: tuple[str, int] | None, scheme: str, host: str) -> Conn:
        """Say who the client really is, when a trusted proxy in front has told."""
        new = _draft(self)
        new.peer, new.scheme, new.host = peer, scheme, host
        return _seal(new)

    def put_body(self, body: Stream) -> Conn:
        """Replace the request body's stream, for instance by one that counts."""
        new = _draft(self)
        new.body = body
        return _seal(new)

    # Filled on the way

    def assign(self, key: str, value: Any) -> Conn:
        """Keep a value of yours under `key` in `assigns`."""
        new = _draft(self)
        new.assigns = {**self.assigns, key: value}
        return _seal(new)

    def put_private(self, key: str, value: Any) -> Conn:
        """Keep a library's value under `key` in `private`; begin the key with the library's name."""
        new = _draft(self)
        new.private = {**self.private, key: value}
        return _seal(new)

    def put_principal(self, principal: Principal | None) -> Conn:
        """Say who is asking; only after their credentials were verified."""
        new = _draft(self)
        new.principal = principal
        return _seal(new)

    def put_request_id(self, request_id: str, header: str | None = None) -> Conn:
        """Name this request, for logs and error answers; with `header`, for client and upstream too."""
        new = _draft(self) if header is None else _draft_response(self)
        new.request_id = request_id
        if header is not None:
            key, value = encode_name(header), encode_value(header, request_id)
            new.headers = self.headers.put_raw(key, value)
            new.resp_headers = self.resp_headers.put_raw(key, value)
        return _seal(new)

    def put_route(self, route: str | None, params: Mapping[str, str]) -> Conn:
        """Say which route matched: its template (never the path itself) and the path's params."""
        new = _draft(self)
        new.route, new.params = route, params
        return _seal(new)

    def put_script_name(self, script_name: tuple[str, ...]) -> Conn:
        """Say which leading path segments are consumed."""
        new = _draft(self)
        new.script_name = script_name
        return _seal(new)

    # The response

    def put_status(self, status: int) -> Conn:
        """Set the status of the response to be sent."""
        new = _draft_response(self)
        new.status = _checked_status(status)
        return _seal(new)

    def put_resp_headers(self, headers: Headers) -> Conn:
        """Replace all response headers."""
        new = _draft_response(self)
        new.resp_headers = headers
        return _seal(new)

    def put_resp_header(self, name: str, value: str) -> Conn:
        """Set the response header `name` to one value."""
        new = _draft_response(self)
        new.resp_headers = self.resp_headers.put_raw(encode_name(name), encode_value(name, value))
        return _seal(new)

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

    def send_resp(self, status: int, body: str | RespBody = b"", content_type: str | None = None) -> Conn:
        """Decide the response, and run the `before_send` hooks, last registered first.

        `body` is bytes, text (sent as UTF-8), a `Stream`, or an async iterable of bytes.
        Later plugs still run: say `.halt()` too if they should not.
        Raises `AlreadySentError` if a response was decided before.
        """
        new = _draft_response(self)
        if self.state is not UNSET:
            raise PlugContractError("a before_send hook sent a response; it may only change the one at hand")
        if isinstance(body, str):
            body = body.encode()
            content_type = content_type or "text/plain; charset=utf-8"
        if content_type is not None:
            new.resp_headers = self.resp_headers.put_raw(
                b"content-type", encode_value("content-type", content_type)
            )
        new.status, new.resp_body = _checked_status(status), body
        if not self.before_send:
            new.state = SENT
            return _seal(new)
        new.state = SET
        return _run_before_send(_seal(new))

    def send_json(self, status: int, value: Any) -> Conn:
        """Send `value` as JSON."""
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
        return self.send_resp(status, body, "application/json")

    def halt(self) -> Conn:
        """Skip the plugs that follow, in this pipeline and in those around it; sends nothing by itself."""
        new = _draft(self)
        new.halted = True
        return _seal(new)

    def inform(self, status: int, headers: Headers = NO_HEADERS) -> Conn:
        """Send an interim response (100-199, not 101) at once, for instance 103 Early Hints."""
        if not 100 <= status < 200 or status == 101:
            raise ValueError(f"an interim response has a status of 100 or 102 to 199, not {status}")
        self.adapter.inform(status, headers)
        return self

    def register_before_send(self, hook: BeforeSend) -> Conn:
        """Run `hook(conn) -> conn` when a response is sent, just before its head is written."""
        new = _draft_response(self)
        new.before_send = (*self.before_send, hook)
        return _seal(new)

    def register_after_send(self, hook: AfterSend) -> Conn:
        """Run `hook(conn, sent)` once, when the response is complete or broke off."""
        new = _draft(self)
        new.after_send = (*self.after_send, hook)
        return _seal(new)

    def __repr__(self) -> str:
        status = self.status if self.status is not None else self.state.value
        return f"<Conn {self.method} {self.path} -> {status}{' halted' if self.halted else ''}>"


BeforeSend = Callable[[Conn], Conn]
AfterSend = Callable[[Conn, Sent], None]
_NO_ADAPTER: Final = NoAdapter()


def _draft(conn: Conn) -> Conn:
    """Return a copy whose slots can be assigned until it is sealed; it must not leave its verb unsealed."""
    new = _Fields()
    new.method = conn.method
    new.path = conn.path
    new.query_string = conn.query_string
    new.headers = conn.headers
    new.peer = conn.peer
    new.scheme = conn.scheme
    new.host = conn.host
    new.http_version = conn.http_version
    new.body = conn.body
    new.adapter = conn.adapter
    new.started = conn.started
    new.script_name = conn.script_name
    new.params = conn.params
    new.assigns = conn.assigns
    new.private = conn.private
    new.principal = conn.principal
    new.route = conn.route
    new.request_id = conn.request_id
    new.status = conn.status
    new.resp_headers = conn.resp_headers
    new.resp_body = conn.resp_body
    new.state = conn.state
    new.halted = conn.halted
    new.before_send = conn.before_send
    new.after_send = conn.after_send
    return new  # type: ignore[return-value]  # typed as what it is about to become


def _draft_response(conn: Conn) -> Conn:
    if conn.state is SENT:
        raise AlreadySentError(
            f"the response to {conn.method} {conn.path} was already sent (status {conn.status})",
            hint="a plug that sends usually wants conn.send_resp(...).halt()",
        )
    return _draft(conn)


def _seal(new: Conn) -> Conn:
    new.__class__ = Conn
    return new


def _run_before_send(conn: Conn) -> Conn:
    for hook in reversed(conn.before_send):
        conn = hook(conn)
        if conn.__class__ is not Conn or conn.state is not SET:
            raise PlugContractError(
                f"before_send hook {hook!r} must return the conn it was given, changed or not"
            )
    new = _draft(conn)
    new.state = SENT
    return _seal(new)


def _checked_status(status: int) -> int:
    if not 200 <= status <= 999:
        raise ValueError(
            f"a final status is a number from 200 to 999, not {status!r}; see conn.inform for 1xx"
        )
    return status
