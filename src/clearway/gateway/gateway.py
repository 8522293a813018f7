"""A gateway: what a configuration became."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearway.gateway.config import GatewayConfig, Problem
from clearway.gateway.hosting import AsgiApp
from clearway.gateway.plug_problems import close
from clearway.gateway.upstream import Upstream
from clearway.http.deadlines import Deadlines
from clearway.plug import Pipeline, Plug

if TYPE_CHECKING:
    from clearway.plug.jose import RemoteKeys

__all__ = ["Gateway"]


@dataclass(frozen=True, slots=True, repr=False)
class Gateway:
    """Everything that serves requests, apart from the sockets.

        gateway = open_gateway(Path("gateway.toml"))
        await gateway.start()
        server = Server(gateway.pipeline, gateway.config.server.limits(), gateway.deadlines)
        ...
        await gateway.stop()

    Attributes:
        config: The configuration.
        name: The file that it came from.
        warnings: What is allowed but probably not meant.
        pipeline: What answers a request.
        admin_plugs: Plugs before the admin pages.
        upstreams: Where requests go, by name.
        plugs: Each plug by its key in the configuration.
        remote_keys: Key sets that are fetched in the background.
        deadlines: The timer that all connections share.
        apps: The ASGI apps that are hosted.
    """

    config: GatewayConfig
    name: str
    warnings: tuple[Problem, ...]
    pipeline: Pipeline
    admin_plugs: Sequence[Plug]
    upstreams: Mapping[str, Upstream]
    plugs: Mapping[str, Plug]
    remote_keys: Sequence[RemoteKeys]
    deadlines: Deadlines
    apps: Sequence[AsgiApp] = ()

    async def start(self) -> None:
        """Start the apps, one after another, and fetch keys that are behind URLs.

        A fetch that fails is logged and tried again in the background; an app that fails raises `AppError`.
        """
        for app in self.apps:
            await app.start()
        await asyncio.gather(*(keys.start() for keys in self.remote_keys))

    async def stop(self, drain_s: float = 0.0) -> None:
        """Stop the apps and what runs in the background, and close idle connections to upstreams."""
        for app in reversed(self.apps):
            await app.stop(drain_s)
        for keys in self.remote_keys:
            await keys.aclose()
        self.close()

    def close(self) -> None:
        """Close what building has opened; enough for a gateway that was never started."""
        for upstream in self.upstreams.values():
            upstream.close()
        for plug in self.plugs.values():
            close(plug)

    def plug_statistics(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the counts of each plug that keeps some, by its key in the configuration."""
        for key, plug in self.plugs.items():
            statistics = getattr(plug, "statistics", None)
            if callable(statistics):
                yield key, statistics()._asdict()

    def __repr__(self) -> str:
        return f"<Gateway {self.name}: {len(self.config.routes)} routes, {len(self.upstreams)} upstreams>"
