"""The root of the configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from clearway.gateway.config.addresses import Address, AddressText, parse_address
from clearway.gateway.config.plugs import PlugList
from clearway.gateway.config.routes import RouteConfig
from clearway.gateway.config.section import HeaderName, Section, one_or_more
from clearway.gateway.config.server import AdminConfig, LogConfig, ServerConfig
from clearway.gateway.config.upstreams import UpstreamConfig
from clearway.plug import PlugOptionError
from clearway.plug.plugs.parts.networks import Networks

__all__ = ["GatewayConfig"]


def _network(text: str) -> str:
    try:
        Networks([text])
    except PlugOptionError as error:
        raise ValueError(f"is not an address or a network; {error.hint}") from error
    return text


class GatewayConfig(Section):
    """What `clearway run` reads.

    listen = "127.0.0.1:8080"
    plugs = ["request_id"]

    [upstreams.orders]
    targets = ["127.0.0.1:9001"]

    [[routes]]
    path = "/orders/*rest"
    upstream = "orders"
    """

    listen: Annotated[list[AddressText], BeforeValidator(one_or_more)] = Field(
        default_factory=lambda: ["127.0.0.1:8080"],
        min_length=1,
        description="Addresses to serve, one `HOST:PORT` or a list of them.",
    )
    plugs: PlugList = Field(
        default_factory=list, description="Plugs that see every request, before a route is chosen."
    )
    groups: dict[str, PlugList] = Field(
        default_factory=dict,
        description="Plugs under a name; whoever names the group shares them, with their caches and buckets.",
    )
    upstreams: dict[str, UpstreamConfig] = Field(
        default_factory=dict, description="Services behind the gateway, by name."
    )
    routes: list[RouteConfig] = Field(min_length=1, description="Routes; the first that fits is taken.")
    server: ServerConfig = Field(
        default_factory=ServerConfig, description="What a client may take, and how the process ends."
    )
    admin: AdminConfig | None = Field(
        None, description="A second listener for metrics and health; none unless given."
    )
    log: LogConfig = Field(default_factory=LogConfig, description="What the process says on standard error.")
    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = Field(
        default_factory=list,
        description="Addresses and networks of proxies in front, whose `x-forwarded-*` headers are believed.",
    )
    identity_headers: list[HeaderName] = Field(
        default_factory=list,
        description="Request headers that clients may not send, because upstreams believe them; those that "
        "a `headers` plug sets from `{principal}` or `{claims.NAME}` are added to the list.",
    )

    def addresses(self) -> list[Address]:
        """Return the addresses to serve."""
        return [parse_address(text) for text in self.listen]
