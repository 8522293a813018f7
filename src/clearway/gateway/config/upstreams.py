"""`[upstreams.NAME]`: where requests go."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clearway.gateway.config.addresses import TargetText
from clearway.gateway.config.section import Bytes, Count, Seconds, Section
from clearway.http.limits import ClientLimits

__all__ = ["UpstreamConfig"]

_LIMITS = ClientLimits()


class UpstreamConfig(Section):
    """A service behind the gateway: one or more targets that answer the same requests."""

    targets: list[TargetText] = Field(
        min_length=1, description="Addresses, each `HOST:PORT`; requests go round among them."
    )
    host: Literal["preserve", "upstream"] = Field(
        "preserve",
        description="The Host header that targets get: the client's (`preserve`), or their own address "
        "(`upstream`).",
    )
    connect_s: Seconds = Field(_LIMITS.connect_s, description="Seconds to accept a connection, else 504.")
    first_byte_s: Seconds = Field(
        _LIMITS.first_byte_s,
        description="Seconds from the end of the request to the head of the response, else 504.",
    )
    idle_read_s: Seconds = Field(
        _LIMITS.idle_read_s,
        description="Seconds between two pieces of a response body, else the response is broken off.",
    )
    total_s: Seconds | None = Field(
        _LIMITS.total_s,
        description="Seconds for a whole exchange, else 504 or a response that is broken off; no limit "
        "unless given.",
    )
    pool_size: Count = Field(_LIMITS.pool_size, description="Idle connections kept per target.")
    pool_idle_s: Seconds = Field(
        _LIMITS.pool_idle_s,
        description="Seconds that an idle connection is kept; set it below the target's own idle timeout.",
    )
    head_bytes: Bytes = Field(_LIMITS.head_bytes, description="Longest response head, else 502.")
    header_count: Count = Field(
        _LIMITS.header_count, description="Most header fields in a response, else 502."
    )
    unsent_bytes: Bytes = Field(
        _LIMITS.unsent_bytes,
        description="Bytes that may wait for a slow target before the client is paused.",
    )

    def limits(self) -> ClientLimits:
        """Return the limits that the HTTP client holds."""
        return ClientLimits(**self.model_dump(exclude={"targets", "host"}))
