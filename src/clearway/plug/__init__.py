"""Plugs: a request pipeline of small parts that may halt.

from clearway.plug import Conn, Pipeline, Router, get

def hello(conn: Conn) -> Conn:
    return conn.send_resp(200, f"hello, {conn.params['name']}")

app = Pipeline(Router(get("/hello/:name", hello)))
"""

from clearway.plug.conn import Adapter, AfterSend, BeforeSend, Conn, Sent, State
from clearway.plug.deferred import Deferred
from clearway.plug.errors import (
    AlreadySentError,
    ClientClosedError,
    InvalidHeaderError,
    NotSentError,
    PlugContractError,
    PlugOptionError,
    RequestError,
)
from clearway.plug.headers import Headers
from clearway.plug.pipeline import Pipeline, Plug
from clearway.plug.principal import Principal
from clearway.plug.problem import problem
from clearway.plug.router import Route, Router, forward, get, post, route
from clearway.plug.stream import Sink, Source, Stream

__all__ = [
    "Adapter",
    "AfterSend",
    "AlreadySentError",
    "BeforeSend",
    "ClientClosedError",
    "Conn",
    "Deferred",
    "Headers",
    "InvalidHeaderError",
    "NotSentError",
    "Pipeline",
    "Plug",
    "PlugContractError",
    "PlugOptionError",
    "Principal",
    "RequestError",
    "Route",
    "Router",
    "Sent",
    "Sink",
    "Source",
    "State",
    "Stream",
    "forward",
    "get",
    "post",
    "problem",
    "route",
]
