"""Serving a gateway until a signal says stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import uvloop

from clearway.errors import ClearwayError
from clearway.gateway.admin import Status, admin_pipeline, register_gauges
from clearway.gateway.config.addresses import Address, parse_address
from clearway.gateway.gateway import Gateway
from clearway.http import Server, ServerLimits
from clearway.plug.plugs import Metrics

__all__ = ["ListenError", "Serving", "Stopped", "run", "run_in_uvloop", "serve"]

T = TypeVar("T")

log = logging.getLogger("clearway.gateway")

# Requests make few cycles, so what survives a young collection is mostly connections, which die by reference
# counting. At CPython's 700 a busy gateway walks its young objects several times per second for nothing.
GC_THRESHOLDS = (20_000, 20, 50)


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
        metrics = next((plug for plug in gateway.plugs.values() if isinstance(plug, Metrics)), None)
        if metrics is None:
            metrics = Metrics()
        register_gauges(metrics, [self.server], gateway)
        if config is None:
            return
        status = Status(gateway, [self.server], self.listeners)
        self.admin = Server(admin_pipeline(gateway, status, metrics), ServerLimits(), gateway.deadlines)
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
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise ListenError(
            f"cannot listen on {address}: {reason}", hint=_HINTS.get(error.errno or 0, _OTHER_ADDRESS)
        ) from error
    return str(Address(*bound))


class Stopped(NamedTuple):
    """How serving ended.

    Attributes:
        cut: Connections with a request in flight that were cut off.
        hurried: Whether a second signal asked not to wait.
    """

    cut: int
    hurried: bool


def run(gateway: Gateway, ready: Callable[[Serving], None] = lambda _: None) -> Stopped:
    """Serve `gateway` on uvloop until SIGTERM or SIGINT.

    run(open_gateway(Path("gateway.toml")))

    The first signal stops listening and lets requests in flight finish for `server.drain_s`; a second one
    ends them at once. `ready` is called when all sockets listen.
    """
    return run_in_uvloop(serve(gateway, ready))


def run_in_uvloop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on an event loop of uvloop's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def serve(gateway: Gateway, ready: Callable[[Serving], None] = lambda _: None) -> Stopped:
    """Serve `gateway` until SIGTERM or SIGINT, in the event loop that runs; see `run`."""
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, signals.put_nowait, each)
    serving = await Serving.open(gateway)
    _settle_garbage()
    for address in serving.listeners:
        log.info("listening on http://%s", address, extra={"address": address})
    if serving.admin_address is not None:
        log.info("admin pages on http://%s", serving.admin_address, extra={"address": serving.admin_address})
    ready(serving)
    caught = await signals.get()
    drain_s = gateway.config.server.drain_s
    log.info(
        "%s: requests in flight may finish for %g s", caught.name, drain_s, extra={"signal": caught.name}
    )
    return await _drain(serving, signals, drain_s)


async def _drain(serving: Serving, signals: asyncio.Queue[signal.Signals], drain_s: float) -> Stopped:
    closing = asyncio.ensure_future(serving.close(drain_s))
    again = asyncio.ensure_future(signals.get())
    await asyncio.wait([closing, again], return_when=asyncio.FIRST_COMPLETED)
    if not closing.done():
        log.warning("%s again: stopping at once", again.result().name)
        closing.cancel()
        await asyncio.wait([closing])
        return Stopped(await serving.close(0), hurried=True)
    again.cancel()
    cut = closing.result()
    if cut:
        log.warning("%d connections were cut off after %g s", cut, drain_s, extra={"cut": cut})
    return Stopped(cut, hurried=False)


def _settle_garbage() -> None:
    """Move what start-up made out of the collector's way: it lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
