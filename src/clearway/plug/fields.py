# What a connection consists of.
#
# Theory of operation
# -------------------
# The fields live in the slots of `Fields`. A verb of Conn copies them into a bare `Fields`, sets what it
# changes with plain slot stores, and turns the copy into a Conn by assigning its class: only Conn forbids
# assignment. That costs 0.4 us where `dataclasses.replace` costs 6 us (benchmarks/plugs.py).
"""The parts of a connection: its fields, its states, and who stands around it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from clearway.plug.headers import Headers
from clearway.plug.principal import Principal
from clearway.plug.stream import Stream

if TYPE_CHECKING:
    from clearway.plug.conn import Conn

__all__ = ["Adapter", "AfterSend", "BeforeSend", "Fields", "NoAdapter", "RespBody", "Sent", "State",
           "copy_fields"]  # fmt: skip


class State(Enum):
    """How far the response is: nothing decided, hooks running, decided for good."""

    UNSET = "unset"
    SET = "set"
    SENT = "sent"


class Sent(NamedTuple):
    """How a response ended: what `register_after_send` hooks are told.

    Attributes:
        bytes_sent: Bytes of the body that were handed to the client's socket.
        duration_s: Seconds from the first byte of the request to the end of the response.
        outcome: `"complete"`, or who broke it off: `"client_closed"`, `"upstream_timeout"`, ...
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


class Fields:
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


BeforeSend = Callable[["Conn"], "Conn"]
"""A hook that runs when a response is decided; it may change headers and status, and must not send."""

AfterSend = Callable[["Conn", Sent], None]
"""A hook that runs once, when the response is complete or broke off."""

RespBody = bytes | Stream | AsyncIterable[bytes]
"""What a response's body may be."""


def copy_fields(conn: Fields) -> Fields:
    """Return a copy of `conn` whose slots can be assigned; it must not leave a verb of Conn as it is."""
    new = Fields()
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
    return new
