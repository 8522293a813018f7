"""The door between ASGI and pipelines."""

from __future__ import annotations

from clearway.clock import Clock, monotonic
from clearway.plug.asgi.exchange import Exchange
from clearway.plug.asgi.handshake import Handshake
from clearway.plug.asgi.protocol import App, Receive, Scope, Send
from clearway.plug.pipeline import Plug

__all__ = ["AsgiMiddleware", "asgi_app"]


class AsgiMiddleware:
    """Run a pipeline in front of an ASGI app.

    A request that the pipeline answers or halts stops there; one that it lets pass goes on to the app, with
    the request as the plugs changed it. What plugs did to the response holds for the app's answer, too:
    headers that they put, `before_send` and `after_send` hooks.

        app = AsgiMiddleware(app, Pipeline(RequestId(), Bearer(keys), RequireAuth()))
        app.add_middleware(AsgiMiddleware, pipeline=pipeline)       # Starlette, FastAPI

    The app finds the conn in `scope["clearway"]` and in `scope["state"]["clearway"]`, which Starlette calls
    `request.state.clearway`: principal, request id, params, assigns.

    A WebSocket's handshake passes the pipeline as a GET; what is answered is refused. Lifespan events go to
    the app. An error is answered with its problem; a 500 is then raised again, so that the server logs it.
    Once the client has left, plugs that wait are cancelled and the app is told as usual.

    Options:
        app: The ASGI app behind; None if there is none, so that the pipeline has to answer everything.
        pipeline: Any plug. A router in it needs `otherwise=` to let a request pass.
        clock: Monotonic seconds, for durations.

    Interim responses (`conn.inform`) and trailers are dropped: ASGI servers agree on no event for them.
    A WebSocket's messages are not counted as bytes sent.
    """

    def __init__(self, app: App | None, pipeline: Plug, *, clock: Clock = monotonic) -> None:
        self.app = app
        self.pipeline = pipeline
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of an ASGI server."""
        kind = scope["type"]
        if kind == "http":
            await Exchange(self.pipeline, self.app, self._clock, scope, receive, send).run()
        elif kind == "websocket":
            await Handshake(self.pipeline, self.app, self._clock, scope, receive, send).run()
        elif self.app is not None:
            await self.app(scope, receive, send)
        elif kind == "lifespan":
            await _live(receive, send)
        else:
            raise ValueError(f"ASGI scope {kind!r} is not known here")

    def __repr__(self) -> str:
        return f"AsgiMiddleware({self.app!r}, {self.pipeline!r})"


def asgi_app(pipeline: Plug, *, clock: Clock = monotonic) -> AsgiMiddleware:
    """Return `pipeline` as an ASGI app.

    uvicorn module:app              # app = asgi_app(pipeline)

    It is `AsgiMiddleware` with nothing behind: a request that no plug answers is a `NotSentError` and 500.
    """
    return AsgiMiddleware(None, pipeline, clock=clock)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        phase = (await receive())["type"]
        await send({"type": f"{phase}.complete"})
        if phase == "lifespan.shutdown":
            return
