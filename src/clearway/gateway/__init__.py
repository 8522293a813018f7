"""The gateway: a configuration made into plugs, upstreams and listeners.

from clearway.gateway import open_gateway, run

run(open_gateway(Path("gateway.toml")))
"""

from clearway.gateway.build import open_gateway, parse_gateway
from clearway.gateway.endpoints import Redirect, Respond
from clearway.gateway.gateway import Gateway
from clearway.gateway.ingress import Ingress
from clearway.gateway.process import Stopped, run, run_in_uvloop, serve
from clearway.gateway.proxy import Proxy
from clearway.gateway.serving import ListenError, Serving
from clearway.gateway.single_app import SingleApp, single_app
from clearway.gateway.upstream import Upstream

__all__ = [
    "Gateway",
    "Ingress",
    "ListenError",
    "Proxy",
    "Redirect",
    "Respond",
    "Serving",
    "SingleApp",
    "Stopped",
    "Upstream",
    "open_gateway",
    "parse_gateway",
    "run",
    "run_in_uvloop",
    "serve",
    "single_app",
]
