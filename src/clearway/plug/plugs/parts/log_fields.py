# Fields of the access log.
#
# Theory of operation
# -------------------
# A field is taken from a conn in two steps. While the request ends, one call in C copies the conn's
# attributes that any field needs into a tuple: 0.2 us, and no body is kept alive. Later, in the writer's
# thread, each field writes its JSON from that tuple.
"""Fields of the access log: what is taken from a request, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, NamedTuple

from clearway.plug.conn import Conn, Sent
from clearway.plug.errors import PlugOptionError
from clearway.plug.headers import Headers
from clearway.plug.plugs.parts.options import header_name, texts
from clearway.plug.principal import Principal

__all__ = ["DEFAULT_FIELDS", "FIELDS", "LogRecord", "RecordFormat", "timestamp"]

LogRecord = tuple[float, Sent, tuple[Any, ...]]
"""The time, how the response ended, and the conn's attributes that `RecordFormat.capture` took."""

DEFAULT_FIELDS = ("time", "request_id", "client_ip", "principal", "method", "path", "route", "status",
                  "outcome", "bytes_sent", "duration_ms")  # fmt: skip

# A log is read by more people than may log in.
SECRET_HEADERS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"})


class Field(NamedTuple):
    """One field: the attribute of the conn that it is made of, and how it is written as JSON."""

    source: str
    write: Callable[[Any], str]


def timestamp(seconds: float) -> str:
    """Return seconds since the epoch as an RFC 3339 date in UTC, in JSON."""
    return f'"{datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6]}Z"'


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)


def _client_ip(peer: tuple[str, int] | None) -> str:
    return _text(peer[0] if peer is not None else None)


def _principal(principal: Principal | None) -> str:
    return _text(principal.name if principal is not None else None)


def _milliseconds(sent: Sent) -> str:
    return f"{sent.duration_s * 1000:.3f}"


FIELDS: dict[str, Field] = {
    "bytes_sent": Field("sent", lambda sent: _number(sent.bytes_sent)),
    "client_ip": Field("peer", _client_ip),
    "duration_ms": Field("sent", _milliseconds),
    "host": Field("host", _text),
    "http_version": Field("http_version", _text),
    "method": Field("method", _text),
    "outcome": Field("sent", lambda sent: _text(sent.outcome)),
    "path": Field("path", _text),
    "principal": Field("principal", _principal),
    "query": Field("query_string", _text),
    "request_id": Field("request_id", _text),
    "route": Field("route", _text),
    "scheme": Field("scheme", _text),
    "status": Field("status", _number),
    "time": Field("time", timestamp),
}
_HEADERS = {"header": "headers", "resp_header": "resp_headers"}


class RecordFormat:
    """Takes the chosen fields from a conn, and writes them as one line of JSON.

    chosen = RecordFormat(["time", "status", "header:user-agent"])
    line = chosen.line((now, sent, chosen.capture(conn)))
    """

    __slots__ = ("_columns", "capture", "names")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = texts("fields", names)
        if not self.names:
            raise PlugOptionError("fields is empty: a log line would say nothing")
        fields = [_field(name) for name in self.names]
        sources = sorted({field.source for field in fields} - {"time", "sent"} | {"method", "status"})
        places = {source: place for place, source in enumerate(("time", "sent", *sources))}
        self.capture: Callable[[Conn], tuple[Any, ...]] = attrgetter(*sources)
        self._columns = tuple(
            (f"{_text(name)}:", places[field.source], field.write)
            for name, field in zip(self.names, fields, strict=True)
        )

    def line(self, record: LogRecord) -> str:
        """Return `record` as a JSON object and a line feed."""
        time, sent, captured = record
        values = (time, sent, *captured)
        return "{" + ",".join([key + write(values[place]) for key, place, write in self._columns]) + "}\n"


def _field(name: str) -> Field:
    if name in FIELDS:
        return FIELDS[name]
    kind, _, header = name.partition(":")
    if kind not in _HEADERS:
        raise PlugOptionError(
            f"fields holds {name!r}, which is not known",
            hint=f"known: {', '.join(FIELDS)}, header:NAME, resp_header:NAME",
        )
    key = header_name("fields", header)
    if key in SECRET_HEADERS:
        raise PlugOptionError(
            f"fields holds {name!r}: a secret does not belong in a log", hint="log principal, or request_id"
        )
    return Field(_HEADERS[kind], lambda headers: _header(headers, key))


def _header(headers: Headers, key: bytes) -> str:
    value = headers.get_raw(key)
    return "null" if value is None else encode_basestring_ascii(value.decode("utf-8", "backslashreplace"))
