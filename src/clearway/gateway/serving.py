"""A gateway with its sockets."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field

from clearway.errors import ClearwayError
from clearway.gateway.admin import admin_pipeline, register_gauges
from clearway.gateway.config.addresses import Address, parse_address
from clearway.gateway.gateway import Gateway
from clearway.http import Server, ServerLimits
from clearway.plug.plugs import Metrics
from clearway.pprof.always_on import Rates, switch_on

__all__ = ["ListenError", "Serving"]

_OTHER_ADDRESS = "choose another address: `listen` in the configuration, or --listen"
_HINTS = {
    errno.EADDRINUSE: f"stop the program that listens there, or {_OTHER_ADDRESS}",
    errno.EACCES: f"ports below 1024 need privileges; {_OTHER_ADDRESS}",
    errno.EADDRNOTAVAIL: f"this machine does not have that address; {_OTHER_ADDRESS}",
}


class ListenError(ClearwayError):
    """An address cannot be listened on."""


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
    async def open(cls, gateway: Gateway) -> Serving:
        """Start the gateway and listen; raise `ListenError` if an address is taken."""
        server = Server(gateway.pipeline, gateway.config.server.limits(), gateway.deadlines)
        serving = cls(gateway, server)
        await gateway.start()
        try:
            for address in gateway.config.addresses():
                serving.listeners.append(await _listen(server, address))
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
        self.admin_address = await _listen(self.admin, parse_address(config.listen))

    async def close(self, drain_s: float) -> int:
        """Stop listening, let requests in flight finish for `drain_s`, and return how many were cut off."""
        cut = await self.server.close(drain_s)
        if self.admin is not None:
            await self.admin.close(0)
        await self.gateway.stop()
        return cut


async def _listen(server: Server, address: Address) -> str:
    try:
        bound = await server.listen(*address)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else str(error.strerror)  # below 0: a name was not found
        raise ListenError(
            f"cannot listen on {address}: {reason.lower()}", hint=_HINTS.get(number, _OTHER_ADDRESS)
        ) from error
    return str(Address(*bound))
