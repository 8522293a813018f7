"""Pipelines under any ASGI server: as an app, or in front of one.

from clearway.plug.asgi import AsgiMiddleware, asgi_app

app = asgi_app(pipeline)                        # uvicorn module:app
app = AsgiMiddleware(fastapi_app, pipeline)     # what the pipeline leaves unanswered goes on
"""

from clearway.plug.asgi.middleware import AsgiMiddleware, asgi_app
from clearway.plug.asgi.protocol import App, Event, Receive, Scope, Send

__all__ = ["App", "AsgiMiddleware", "Event", "Receive", "Scope", "Send", "asgi_app"]
