"""`[server]`, `[admin]` and `[log]`: the process itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from clearway.gateway.config.addresses import AddressText
from clearway.gateway.config.plugs import PlugList
from clearway.gateway.config.section import Bytes, Count, Seconds, Section
from clearway.http.limits import ServerLimits

__all__ = ["AdminConfig", "LogConfig", "ServerConfig"]

_LIMITS = ServerLimits()


class ServerConfig(Section):
    """What a client may take, and how the process ends."""

    target_bytes: Bytes = Field(_LIMITS.target_bytes, description="Longest request target, else 414.")
    head_bytes: Bytes = Field(_LIMITS.head_bytes, description="Longest request head, else 431.")
    header_count: Count = Field(
        _LIMITS.header_count, description="Most header fields in a request, else 431."
    )
    body_bytes: Bytes | None = Field(
        _LIMITS.body_bytes, description="Longest request body, else 413; no limit unless given."
    )
    header_read_s: Seconds = Field(
        _LIMITS.header_read_s, description="Seconds for a whole request head, else 408."
    )
    body_read_s: Seconds = Field(
        _LIMITS.body_read_s, description="Seconds between two pieces of a request body, else 408."
    )
    idle_s: Seconds = Field(
        _LIMITS.idle_s, description="Seconds between two requests of a connection, which is closed then."
    )
    send_s: Seconds = Field(
        _LIMITS.send_s,
        description="Seconds for a client to take any of what waits for it, else it is cut off.",
    )
    half_close_s: Seconds = Field(
        _LIMITS.half_close_s,
        description="Seconds for an answer to begin after the client closed its sending side.",
    )
    linger_s: Seconds = Field(
        _LIMITS.linger_s, description="Seconds for dropping what a client still sends after an early answer."
    )
    connections: Count = Field(_LIMITS.connections, description="Open connections, else 503.")
    unsent_bytes: Bytes = Field(
        _LIMITS.unsent_bytes,
        description="Bytes that may wait for a slow client before the upstream is paused.",
    )
    drain_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        10.0, description="Seconds that requests in flight get to finish after SIGTERM or SIGINT."
    )
    underscore_headers: bool = Field(
        False,
        description="Let header names with an underscore pass; CGI-like upstreams cannot tell `x_user` from "
        "`x-user`.",
    )

    def limits(self) -> ServerLimits:
        """Return the limits that the HTTP server holds."""
        return ServerLimits(**self.model_dump(exclude={"drain_s", "underscore_headers"}))


class AdminConfig(Section):
    """A second listener that answers `/metrics`, `/healthz`, `/status` and `/debug/pprof/`."""

    listen: AddressText = Field(
        "127.0.0.1:8081",
        description="Address of the admin listener; one that other machines can reach needs `plugs` that "
        "require credentials.",
    )
    plugs: PlugList = Field(
        default_factory=list, description="Plugs before the admin pages, for instance to ask for a password."
    )
    pprof: bool = Field(
        True,
        description="Sample the heap, and serve profiles under `/debug/pprof/`: to those who passed a login "
        "in `plugs`, or without one to clients on this machine.",
    )


class LogConfig(Section):
    """What the process says on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important lines that are written."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text` for people, `json` for programs; `auto` is text at a terminal, else JSON."
    )
