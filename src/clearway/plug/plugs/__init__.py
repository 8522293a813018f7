"""The built-in plugs, one module each; each is loaded when its name is first asked for.

from clearway.plug.plugs import BasicAuth, RequestId, RequireAuth

So a pipeline without passwords loads no password hash, and one without tokens no cryptography.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clearway.plug.plugs.access_log import AccessLog
    from clearway.plug.plugs.basic_auth import BasicAuth
    from clearway.plug.plugs.bearer import Bearer
    from clearway.plug.plugs.body_limit import BodyLimit
    from clearway.plug.plugs.cors import Cors
    from clearway.plug.plugs.headers import EditHeaders
    from clearway.plug.plugs.ip_filter import IpFilter
    from clearway.plug.plugs.metrics import Metrics, MetricsEndpoint
    from clearway.plug.plugs.rate_limit import RateLimit
    from clearway.plug.plugs.request_id import RequestId
    from clearway.plug.plugs.require_auth import RequireAuth
    from clearway.plug.plugs.scopes import Scopes

__all__ = [
    "AccessLog",
    "BasicAuth",
    "Bearer",
    "BodyLimit",
    "Cors",
    "EditHeaders",
    "IpFilter",
    "Metrics",
    "MetricsEndpoint",
    "RateLimit",
    "RequestId",
    "RequireAuth",
    "Scopes",
]

_MODULES = {
    "AccessLog": "access_log",
    "BasicAuth": "basic_auth",
    "Bearer": "bearer",
    "BodyLimit": "body_limit",
    "Cors": "cors",
    "EditHeaders": "headers",
    "IpFilter": "ip_filter",
    "Metrics": "metrics",
    "MetricsEndpoint": "metrics",
    "RateLimit": "rate_limit",
    "RequestId": "request_id",
    "RequireAuth": "require_auth",
    "Scopes": "scopes",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    plug = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = plug  # the next look-up finds it without this function
    return plug


def __dir__() -> list[str]:
    return __all__
