"""Every plug that a configuration can name, as one type that pydantic can choose from."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from clearway.gateway.config.plugs.auth import BasicAuthConfig, BearerConfig, RequireAuthConfig, ScopesConfig
from clearway.gateway.config.plugs.observe import (
    AccessLogConfig,
    HeadersConfig,
    MetricsConfig,
    RequestIdConfig,
)
from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.plugs.traffic import (
    BodyLimitConfig,
    CorsConfig,
    IpFilterConfig,
    RateLimitConfig,
)

__all__ = ["GROUP", "PLUG_NAMES", "REQUIRES", "VERIFIES", "PlugConfig", "PlugList", "PlugTable"]

GROUP = "(group)"  # the tag of a text that names no plug, and so must name a group

PLUG_NAMES = (
    "access_log", "basic_auth", "bearer", "body_limit", "cors", "headers", "ip_filter", "metrics",
    "rate_limit", "request_id", "require_auth", "scopes",
)  # fmt: skip
"""The built-in plugs, by their names in a configuration."""

VERIFIES = ("basic_auth", "bearer")
REQUIRES = ("require_auth", "scopes")  # answer 401 to those whom no plug before has verified


def _tag(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value in PLUG_NAMES else GROUP
    use = value.get("use") if isinstance(value, dict) else getattr(value, "use", None)
    return use if isinstance(use, str) else None


PlugTable = (
    Annotated[AccessLogConfig, Tag("access_log")]
    | Annotated[BasicAuthConfig, Tag("basic_auth")]
    | Annotated[BearerConfig, Tag("bearer")]
    | Annotated[BodyLimitConfig, Tag("body_limit")]
    | Annotated[CorsConfig, Tag("cors")]
    | Annotated[HeadersConfig, Tag("headers")]
    | Annotated[IpFilterConfig, Tag("ip_filter")]
    | Annotated[MetricsConfig, Tag("metrics")]
    | Annotated[RateLimitConfig, Tag("rate_limit")]
    | Annotated[RequestIdConfig, Tag("request_id")]
    | Annotated[RequireAuthConfig, Tag("require_auth")]
    | Annotated[ScopesConfig, Tag("scopes")]
)

PlugList = list[Annotated[PlugTable | Annotated[str, Tag(GROUP)], Discriminator(_tag)]]
"""Plugs in a row: tables, names of plugs, and names of groups."""
