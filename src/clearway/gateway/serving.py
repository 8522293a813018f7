"""A gateway with its sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from clearway.clock import monotonic
from clearway.gateway.admin import admin_pipeline, register_gauges
from clearway.gateway.config.addresses import parse_address
from clearway.gateway.gateway import Gateway
from clearway.gateway.listening import ListenError, Place, listen
from clearway.http import Server, ServerLimits
from clearway.plug.plugs import Metrics
from clearway.pprof.always_on import Rates, switch_on

__all__ = ["ListenError", "Serving"]


@dataclass(slots=True)
class Serving:
    """A gateway with its sockets.

    Attributes:
        gateway: What is served.
        server: What clients connect to.
        admin: The admin listener, or None.
        listeners: The addresses that were bound.
        admin_address: The address of the admin listener, or None.
    """

    gateway: Gateway
    server: Server
    admin: Server | None = None
    listeners: list[str] = field(default_factory=list)
    admin_address: str | None = None

    @classmethod
    async def open(cls, gateway: Gateway, places: Sequence[Place] | None = None) -> Serving:
        """Start the gateway and listen, at `places` if given; raise `ListenError` if an address is taken."""
        server = Server(gateway.pipeline, gateway.config.server.limits(), gateway.deadlines)
        serving = cls(gateway, server)
        try:
            await gateway.start()
            for place in gateway.config.addresses() if places is None else places:
                serving.listeners.append(await listen(server, place))
            await serving._open_admin()
        except BaseException:
            await serving.close(0)
            raise
        return serving

    async def _open_admin(self) -> None:
        config, gateway = self.gateway.config.admin, self.gateway
        counting = [plug for plug in gateway.plugs.values() if isinstance(plug, Metrics)]
        metrics = counting[0] if counting else Metrics()
        register_gauges(metrics, [self.server], gateway)
        if config is None:
            return
        if config.pprof:
            switch_on(Rates())
        pages = admin_pipeline(gateway, [self.server], self.listeners, metrics)
        self.admin = Server(pages, ServerLimits(), gateway.deadlines)
        self.admin_address = await listen(self.admin, parse_address(config.listen))

    async def close(self, drain_s: float) -> int:
        """Stop listening, let requests in flight finish for `drain_s`, and return how many were cut off."""
        began = monotonic()
        cut = await self.server.close(drain_s)
        if self.admin is not None:
            await self.admin.close(0)
        await self.gateway.stop(max(0.0, drain_s - (monotonic() - began)))
        return cut
