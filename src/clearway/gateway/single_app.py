"""A gateway that serves one ASGI app and nothing else: what `clearway serve` runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clearway.gateway.config import GatewayConfig
from clearway.gateway.config.routes import RouteConfig
from clearway.gateway.config.server import LogConfig, ServerConfig
from clearway.gateway.gateway import Gateway
from clearway.gateway.hosting import AsgiApp
from clearway.gateway.hosting.asgi_app import Wrap
from clearway.gateway.hosting.lifespan import LifespanMode
from clearway.gateway.ingress import Ingress
from clearway.gateway.labelled import Labelled
from clearway.http.deadlines import Deadlines
from clearway.http.websocket import WebSocketLimits
from clearway.plug import Conn, Headers, Pipeline, Plug
from clearway.plug.headers import encode_name, encode_value
from clearway.plug.plugs import AccessLog

__all__ = ["SingleApp", "single_app"]

_WEBSOCKETS = WebSocketLimits()
_ALL = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class SingleApp:
    """What to serve, and how.

    Attributes:
        app: The app's name, as MODULE:ATTRIBUTE.
        factory: The name is of a function that returns the app.
        folder: Where to look for the app's module first.
        root_path: The part of the public path that a proxy in front has cut off.
        lifespan: Whether to run the app's start-up and shut-down.
        websockets: What a WebSocket may take; None to serve none.
        wrap: As in `AsgiApp`.
        proxies: Addresses and networks whose `x-forwarded-*` headers are believed, `*` for all; None leaves
            what clients say about themselves to the app.
        headers: Put on every response that does not have them.
        access_log: Write a line for each request to standard output.
        server: What a client may take, and how the process ends.
        log: What the process says on standard error.
    """

    app: str
    factory: bool = False
    folder: Path | None = None
    root_path: str = ""
    lifespan: LifespanMode = "auto"
    websockets: WebSocketLimits | None = _WEBSOCKETS
    wrap: Wrap | None = None
    proxies: Sequence[str] | None = ("127.0.0.1",)
    headers: Sequence[tuple[str, str]] = ()
    access_log: bool = True
    server: ServerConfig = field(default_factory=ServerConfig)
    log: LogConfig = field(default_factory=LogConfig)


def single_app(options: SingleApp) -> Gateway:
    """Return a gateway for one app; nothing is imported or started yet.

    run(single_app(SingleApp("shop.main:app")))
    """
    app = AsgiApp(
        options.app,
        factory=options.factory,
        folder=options.folder,
        root_path=options.root_path,
        lifespan=options.lifespan,
        websockets=options.websockets,
        wrap=options.wrap,
    )
    log = AccessLog("stdout") if options.access_log else None
    plugs = [*_proxies(options.proxies), Labelled(app=app.name), *_put(options.headers)]
    return Gateway(
        config=GatewayConfig(
            routes=[RouteConfig(path="/*rest", app=options.app)], server=options.server, log=options.log
        ),
        name=options.app,
        warnings=(),
        pipeline=Pipeline(*plugs, *([log] if log else []), app),
        admin_plugs=(),
        upstreams={},
        plugs={"access_log": log} if log else {},
        remote_keys=(),
        deadlines=Deadlines(),
        apps=(app,),
    )


def _proxies(trusted: Sequence[str] | None) -> list[Plug]:
    if trusted is None:
        return []
    networks = [network for each in trusted for network in (_ALL if each == "*" else (each,))]
    return [Ingress(networks, underscores=True)]


def _put(headers: Sequence[tuple[str, str]]) -> list[Plug]:
    if not headers:
        return []
    lines = Headers(tuple([(encode_name(name), encode_value(name, value)) for name, value in headers]))

    def put(conn: Conn) -> Conn:
        return conn.put_resp_headers(lines)

    return [put]
