"""The table of plugs: from a name in the configuration to its model and to what builds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from clearway.gateway.config.plugs import PlugConfig
from clearway.gateway.config.plugs import auth as auth_tables
from clearway.gateway.config.plugs import observe as observe_tables
from clearway.gateway.config.plugs import traffic as traffic_tables
from clearway.plug import Plug, PlugOptionError
from clearway.plug import plugs as built_in

if TYPE_CHECKING:
    from clearway.plug.jose import KeySource, RemoteKeys

__all__ = ["PLUGS", "PlugKind", "Surroundings"]


@dataclass(slots=True)
class Surroundings:
    """What plugs are built in.

    Attributes:
        folder: Where relative file names begin: the folder of the configuration.
        environ: Where secrets come from.
        remote_keys: Key sets behind URLs, made so far: routes that name the same one share it.
    """

    folder: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    remote_keys: dict[tuple[object, ...], RemoteKeys] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return the path of a file that the configuration names."""
        return self.folder / name


class PlugKind(NamedTuple):
    """One row of the table: the plug's table in the configuration, and the function that builds it."""

    model: type[PlugConfig]
    build: Callable[[Any, Surroundings], Plug]


def _options(config: PlugConfig, *without: str) -> dict[str, Any]:
    return config.model_dump(exclude={"use", *without}, exclude_none=True)


def _plain(name: str) -> Callable[[PlugConfig, Surroundings], Plug]:
    """Return a builder for a plug whose options are those of its table."""

    def build(config: PlugConfig, around: Surroundings) -> Plug:
        plug: Plug = getattr(built_in, name)(**_options(config))
        return plug

    return build


def _access_log(config: observe_tables.AccessLogConfig, around: Surroundings) -> Plug:
    to = config.to if config.to in ("stdout", "stderr") else around.path(config.to)
    return built_in.AccessLog(to, **_options(config, "to"))


def _basic_auth(config: auth_tables.BasicAuthConfig, around: Surroundings) -> Plug:
    file = None if config.htpasswd is None else around.path(config.htpasswd)
    return built_in.BasicAuth(config.users, file=file, **_options(config, "users", "htpasswd"))


def _bearer(config: auth_tables.BearerConfig, around: Surroundings) -> Plug:
    sources = [name for name in auth_tables.BearerConfig.model_fields if name.startswith(("jwks_", "key_"))]
    return built_in.Bearer(_keys(config, around), **_options(config, "secret_env", "kid", *sources))


def _keys(config: auth_tables.BearerConfig, around: Surroundings) -> KeySource:
    from clearway.plug.jose import StaticKeys

    kid, algorithms = config.kid, config.algorithms
    if config.secret_env is not None:
        return StaticKeys.from_env(config.secret_env, kid=kid, algorithms=algorithms, environ=around.environ)
    if config.key_file is not None:
        return StaticKeys.from_pem(around.path(config.key_file), kid=kid, algorithms=algorithms)
    if config.jwks_file is not None:
        return StaticKeys.from_jwks(around.path(config.jwks_file), algorithms=algorithms)
    return _remote_keys(config, around)


def _remote_keys(config: auth_tables.BearerConfig, around: Surroundings) -> RemoteKeys:
    from clearway.plug.jose import RemoteKeys

    if config.jwks_url is None:  # the model holds that there is one source
        raise PlugOptionError("bearer has no key")
    options = {
        "refresh_s": config.jwks_refresh_s,
        "cooldown_s": config.jwks_cooldown_s,
        "timeout_s": config.jwks_timeout_s,
        "allow_http": config.jwks_allow_http,
        "algorithms": None if config.algorithms is None else tuple(config.algorithms),
    }
    name = (config.jwks_url, *options.values())
    if name not in around.remote_keys:
        around.remote_keys[name] = RemoteKeys(config.jwks_url, **options)  # type: ignore[arg-type]
    return around.remote_keys[name]


def _scopes(config: auth_tables.ScopesConfig, around: Surroundings) -> Plug:
    return built_in.Scopes(*config.scopes)


PLUGS: Mapping[str, PlugKind] = {
    "access_log": PlugKind(observe_tables.AccessLogConfig, _access_log),
    "basic_auth": PlugKind(auth_tables.BasicAuthConfig, _basic_auth),
    "bearer": PlugKind(auth_tables.BearerConfig, _bearer),
    "body_limit": PlugKind(traffic_tables.BodyLimitConfig, _plain("BodyLimit")),
    "cors": PlugKind(traffic_tables.CorsConfig, _plain("Cors")),
    "headers": PlugKind(observe_tables.HeadersConfig, _plain("EditHeaders")),
    "ip_filter": PlugKind(traffic_tables.IpFilterConfig, _plain("IpFilter")),
    "metrics": PlugKind(observe_tables.MetricsConfig, _plain("Metrics")),
    "rate_limit": PlugKind(traffic_tables.RateLimitConfig, _plain("RateLimit")),
    "request_id": PlugKind(observe_tables.RequestIdConfig, _plain("RequestId")),
    "require_auth": PlugKind(auth_tables.RequireAuthConfig, _plain("RequireAuth")),
    "scopes": PlugKind(auth_tables.ScopesConfig, _scopes),
}
"""Every plug that a configuration can name."""
