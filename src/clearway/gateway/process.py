"""Serving a gateway until a signal says stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar

import uvloop

from clearway.gateway.gateway import Gateway
from clearway.gateway.listening import Place, url_of
from clearway.gateway.serving import Serving

__all__ = ["Stopped", "run", "run_in_uvloop", "serve"]

T = TypeVar("T")

log = logging.getLogger("clearway.gateway")

# A request leaves no cycle behind; what sets the collector off is connections, whose objects stay. At the
# thresholds of CPython, 5,000 new connections brought 179 collections, one of them of everything, and 48 ms;
# at these, 6 and 16 ms. 33,000 requests brought 5, and none.
GC_THRESHOLDS = (20_000, 20, 50)


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


async def serve(
    gateway: Gateway,
    ready: Callable[[Serving], None] = lambda _: None,
    places: Sequence[Place] | None = None,
) -> Stopped:
    """Serve `gateway` until SIGTERM or SIGINT, in the event loop that runs; see `run`.

    `places` are where to listen instead of where its configuration says.
    """
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, signals.put_nowait, each)
    serving = await Serving.open(gateway, places)
    _settle_garbage()
    for address in serving.listeners:
        log.info("listening on %s", url_of(address), extra={"address": address})
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
