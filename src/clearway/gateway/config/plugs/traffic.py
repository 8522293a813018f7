"""Plugs that limit and filter traffic."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.section import Count, Texts

__all__ = ["BodyLimitConfig", "CorsConfig", "IpFilterConfig", "RateLimitConfig"]


class RateLimitConfig(PlugConfig):
    """Answer 429 once a client has spent its tokens."""

    use: Literal["rate_limit"]
    rate: str | float = Field(description='`"100/s"`, `"1000/m"`, `"5000/h"`, or a number per second.')
    burst: Count | None = Field(
        None, description="Tokens that a full bucket holds; those of one second unless given, at least one."
    )
    key: Texts = Field(
        default_factory=lambda: ["client_ip"],
        description="Who has a bucket: `client_ip`, `principal`, `route`, `header:NAME`, or several of them.",
    )
    name: str = Field("default", description="Names the limit in the answer.")
    announce: bool = Field(False, description="Say on every response how much is left.")
    max_keys: Annotated[int, Field(ge=2)] = Field(
        100_000, description="Clients remembered; past that, the least recent are forgotten."
    )


class BodyLimitConfig(PlugConfig):
    """Answer 413 to requests with too large a body."""

    use: Literal["body_limit"]
    max_bytes: Annotated[int, Field(ge=0)] = Field(
        description="The longest body that passes; 0 for none at all."
    )


class IpFilterConfig(PlugConfig):
    """Answer 403 to addresses that may not come in."""

    use: Literal["ip_filter"]
    allow: list[str] = Field(
        default_factory=list, description="Addresses and networks that may pass; everybody unless given."
    )
    deny: list[str] = Field(default_factory=list, description="Addresses and networks that may not.")


class CorsConfig(PlugConfig):
    """Answer preflights and tell browsers which pages may read the answers."""

    use: Literal["cors"]
    origins: Texts = Field(
        description='Origins as browsers send them; `https://*.example.org` for subdomains, `"*"` for all.'
    )
    methods: list[str] = Field(
        default_factory=lambda: ["PUT", "PATCH", "DELETE"],
        description="Methods that a page may use besides GET, HEAD and POST.",
    )
    headers: list[str] = Field(default_factory=list, description="Request headers that a page may set.")
    expose: list[str] = Field(default_factory=list, description="Response headers that a page may read.")
    credentials: bool = Field(False, description="Let browsers send cookies and credentials.")
    max_age_s: Annotated[int, Field(ge=0)] = Field(
        600, description="Seconds for which a browser may remember the answer to a preflight."
    )
