"""Plugs that name, count and log requests, and edit their headers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.section import Count, FileName, Seconds

__all__ = ["AccessLogConfig", "HeadersConfig", "MetricsConfig", "RequestIdConfig"]


class RequestIdConfig(PlugConfig):
    """Give every request a name, for logs, error answers, client and upstream."""

    use: Literal["request_id"]
    header: str = Field("x-request-id", description="The header that carries the id.")


class AccessLogConfig(PlugConfig):
    """Log every request as one line of JSON."""

    use: Literal["access_log"]
    to: FileName = Field("stdout", description="`stdout`, `stderr` or a file.")
    fields: list[str] | None = Field(None, description="What a line holds; the usual fields unless given.")
    max_pending: Count = Field(
        10_000, description="Lines that may wait to be written; further ones are dropped."
    )
    gather_s: Seconds = Field(0.1, description="Seconds that a line may wait for company.")


class MetricsConfig(PlugConfig):
    """Count requests for `/metrics` of the admin listener."""

    use: Literal["metrics"]
    buckets: list[float] | None = Field(
        None,
        min_length=1,
        description="Upper bounds of the duration histogram's buckets, in seconds; 1 ms to 10 s unless "
        "given.",
    )
    status: Literal["code", "class"] = Field(
        "code", description="A series per status (`code`), or one per `2xx`, `3xx`, ... (`class`)."
    )
    max_series: Count = Field(
        1000,
        description="Combinations of route, method and status that are counted apart; further ones are "
        "counted together.",
    )


class HeadersConfig(PlugConfig):
    """Set, add and remove header fields."""

    use: Literal["headers"]
    set_request: dict[str, str] = Field(
        default_factory=dict,
        description='Request headers that get this one value, for instance `{ x-user = "{principal}" }`.',
    )
    add_request: dict[str, str] = Field(
        default_factory=dict, description="Request headers that get one more line."
    )
    remove_request: list[str] = Field(
        default_factory=list, description="Headers that are removed from the request."
    )
    set_response: dict[str, str] = Field(
        default_factory=dict, description="As `set_request`, for the response."
    )
    add_response: dict[str, str] = Field(
        default_factory=dict, description="As `add_request`, for the response."
    )
    remove_response: list[str] = Field(
        default_factory=list, description="As `remove_request`, for the response."
    )
