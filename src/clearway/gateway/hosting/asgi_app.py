"""An ASGI app as the endpoint of a pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from clearway.gateway.hosting.http_run import HttpRun
from clearway.gateway.hosting.lifespan import Lifespan, LifespanMode
from clearway.gateway.hosting.loading import check_name, check_takes_asgi_3, load_app
from clearway.gateway.hosting.scope import Place, http_scope, websocket_scope
from clearway.gateway.hosting.tasks import start_now
from clearway.gateway.hosting.websocket_run import WebSocketRun
from clearway.http.switching import is_upgrade
from clearway.http.websocket import WebSocketLimits
from clearway.plug import Conn, Deferred, Plug
from clearway.plug.asgi import App

__all__ = ["AsgiApp", "Wrap"]

_LIMITS = WebSocketLimits()
Wrap = Callable[[Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]


class AsgiApp:
    """Answer with what an ASGI app answers.

        app = AsgiApp("shop.main:app")
        await app.start()
        server = Server(Pipeline(RequestId(), Bearer(keys), RequireAuth(), app))
        ...
        await app.stop(drain_s=10)

    Plugs before it see each request first, and their headers and hooks hold for the app's answer. The app
    finds the conn in `scope["clearway"]`, and in Starlette in `request.state.clearway`.

    Options:
        app: The app, or its name as MODULE:ATTRIBUTE, which `start` imports.
        factory: The name is of a function that returns the app.
        folder: Where to look for the app's module first.
        root_path: The part of the public path that a proxy in front has cut off.
        lifespan: Whether to run the app's start-up and shut-down: "on", "off", or "auto", if it has them.
        websockets: What a WebSocket may take; None to serve none, and take their handshakes for requests.
        wrap: Called with the coroutine of each request, for what runs in its place: a scheduler's
            `preemptible`.

    The limit: one that is not started serves all the same, without its lifespan, if it has an app.
    """

    def __init__(
        self,
        app: App | str,
        *,
        factory: bool = False,
        folder: Path | None = None,
        root_path: str = "",
        lifespan: LifespanMode = "auto",
        websockets: WebSocketLimits | None = _LIMITS,
        wrap: Wrap | None = None,
    ) -> None:
        self.name = check_name(app) if isinstance(app, str) else getattr(app, "__name__", type(app).__name__)
        self.place = Place(root_path)
        self.state: dict[str, Any] = {}
        self._factory, self._folder = factory, folder
        self._lifespan = Lifespan(lifespan)
        self._wrap = wrap
        self._websockets = websockets
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._app: App | None = None
        if not isinstance(app, str):
            check_takes_asgi_3(app, self.name)
            self._app = app

    @property
    def app(self) -> App:
        """The app; imported now, if `start` has not."""
        if self._app is None:
            self._app = load_app(self.name, factory=self._factory, folder=self._folder)
        return self._app

    async def start(self) -> None:
        """Import the app and run its start-up; raise `AppError` if one of them fails."""
        self.state = await self._lifespan.start(self.app)

    async def stop(self, drain_s: float = 0.0) -> int:
        """Give what the app still does `drain_s` to end, run its shut-down, and return how much was cut."""
        if self._running:
            await asyncio.wait(self._running, timeout=drain_s)
        cut = list(self._running)
        for task in cut:
            task.cancel()
        if cut:
            await asyncio.wait(cut, timeout=_UNWIND_S)
        await self._lifespan.stop()
        return len(cut)

    def at(self, mount: str) -> Plug:
        """Return this app mounted under the first part of a request's path, as in "/shop".

        The part stays in the path, as ASGI has it, and is the app's root path.
        """
        if not mount:
            return self
        place = Place(self.place.prefix, mount)
        return lambda conn: self.answer(conn, place)

    def __call__(self, conn: Conn) -> Deferred[Conn]:
        return self.answer(conn, self.place)

    def answer(self, conn: Conn, place: Place) -> Deferred[Conn]:
        """Run the app for one request, and return what will be the sent conn."""
        server = getattr(conn.adapter, "server_address", None)
        run: HttpRun | WebSocketRun
        limits = self._websockets
        if limits is not None and is_upgrade(conn, "websocket"):
            run = WebSocketRun(self, conn, websocket_scope(conn, place, self.state, server), limits)
        else:
            run = HttpRun(self, conn, http_scope(conn, place, self.state, server))
        self._begin(run)
        return run

    def _begin(self, run: HttpRun | WebSocketRun) -> None:
        coroutine = run.run()
        if self._wrap is not None:
            coroutine = self._wrap(coroutine)
        loop = self._loop
        if loop is None or not loop.is_running():  # else 0.3 us less than to ask each time, before 3.12
            loop = self._loop = asyncio.get_running_loop()
        task = start_now(coroutine, loop, self.name)
        if not task.done():
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            run.begun()

    def __repr__(self) -> str:
        return f"<AsgiApp {self.name}: {len(self._running)} running>"


_UNWIND_S = 1.0  # for a task that was cancelled to end; one that does not is left
