"""One process that serves: from the command's options to a gateway that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearway.cli.run import serve_profiles

if TYPE_CHECKING:
    from clearway.gateway.listening import Place
    from clearway.gateway.process import Stopped
    from clearway.gateway.single_app import SingleApp
    from clearway.http.websocket import WebSocketLimits
    from clearway.sched import Scheduler
    from clearway.sched.supervision import Link

__all__ = ["place_of", "run_here", "single_app_of"]

Given = Mapping[str, Any]


def run_here(app: str, given: Given, place: Place | None = None, link: Link | None = None) -> int:
    """Serve `app` until a signal, and return the exit code.

    A worker serves at the `place` that its supervisor has opened, and tells it by `link` how it is.
    """
    from clearway.gateway.process import run_in_uvloop
    from clearway.gateway.single_app import single_app

    if given["pprof"] is not None:
        serve_profiles(given["pprof"])
    scheduler = None if given["preempt"] is None else _scheduler(given["preempt"])
    gateway = single_app(single_app_of(app, given, scheduler))
    return int(run_in_uvloop(_serve(gateway, place or place_of(given), scheduler, link)).hurried)


async def _serve(gateway: Any, place: Place, scheduler: Scheduler | None, link: Link | None) -> Stopped:
    from clearway.gateway import process

    beating = None if link is None else asyncio.create_task(link.beat())
    if scheduler is not None:
        scheduler.start()
        click.echo(_standing(scheduler), err=True)
    try:
        return await process.serve(
            gateway, (lambda _: None) if link is None else (lambda _: link.ready()), [place]
        )
    finally:
        if scheduler is not None:
            scheduler.stop()
        if beating is not None:
            beating.cancel()


def _standing(scheduler: Scheduler) -> str:
    modules = ", ".join(sorted(scheduler.points.modules))
    if scheduler.statistics().preempting:
        return f"preemption: {modules} may be interrupted after {scheduler.quantum_ms:g} ms"
    return f"preemption does not work in this process: {modules} is watched and not interrupted"


def _scheduler(modules: str) -> Scheduler:
    from clearway.pprof import current_labels
    from clearway.sched import Scheduler

    return Scheduler(_list(modules), key=lambda: current_labels().pairs)


def place_of(given: Given) -> Place:
    """Return where to listen."""
    from clearway.gateway.config.addresses import Address
    from clearway.gateway.listening import InheritedSocket, UnixSocket

    if given["fd"] is not None:
        return InheritedSocket(given["fd"])
    return Address(given["host"], given["port"]) if given["uds"] is None else UnixSocket(given["uds"])


def single_app_of(app: str, given: Given, scheduler: Scheduler | None = None) -> SingleApp:
    """Return what to serve, as the options say."""
    from clearway.gateway.config.server import ServerConfig
    from clearway.gateway.single_app import SingleApp

    limits = {
        "connections": given["limit_concurrency"],
        "idle_s": given["timeout_keep_alive"],
        "drain_s": given["timeout_graceful_shutdown"],
    }
    return SingleApp(
        app,
        factory=given["factory"],
        folder=Path(given["app_dir"]),
        root_path=given["root_path"],
        lifespan=given["lifespan"],
        websockets=_websockets(given),
        wrap=None if scheduler is None else scheduler.preemptible,
        proxies=_list(given["forwarded_allow_ips"]) if given["proxy_headers"] else None,
        headers=given["headers"],
        access_log=given["access_log"],
        server=ServerConfig(**{name: value for name, value in limits.items() if value is not None}),
    )


def _websockets(given: Given) -> WebSocketLimits | None:
    from clearway.http.websocket import WebSocketLimits

    limits = {
        "message_bytes": given["ws_max_size"],
        "ping_interval_s": given["ws_ping_interval"],
        "ping_timeout_s": given["ws_ping_timeout"],
        "deflate": given["ws_per_message_deflate"],
    }
    if given["ws"] == "none":
        return None
    return WebSocketLimits(**{name: value for name, value in limits.items() if value is not None})


def _list(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
