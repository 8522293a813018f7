"""What a configuration may say but probably does not mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.model import GatewayConfig
from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.plugs.tables import REQUIRES, VERIFIES
from clearway.gateway.config.shadow import shadowed

__all__ = ["chain", "warnings"]

_REMEDY = ": add require_auth, or everybody passes"


def warnings(config: GatewayConfig) -> Iterator[tuple[KeyPath, str]]:
    """Yield what works but is probably not meant."""
    for index, by in shadowed(config.routes):
        path = config.routes[by].path
        yield ("routes", index), f"is never reached: routes[{by}] ({path}) takes its requests"
    yield from _open_doors(config)
    named = {route.upstream for route in config.routes}
    for name in config.upstreams:
        if name not in named:
            yield ("upstreams", name), "is named by no route"


def _open_doors(config: GatewayConfig) -> Iterator[tuple[KeyPath, str]]:
    """Who verifies credentials without requiring them lets everybody pass."""
    overall = chain(config, config.plugs)
    routes = [chain(config, route.plugs) for route in config.routes]
    if _requires(overall):
        return
    if _verifies(overall) and not any(map(_requires, routes)):
        yield ("plugs",), f"credentials are verified but no route requires them{_REMEDY}"
    for index, own in enumerate(routes):
        if _verifies(own) and not _requires(own):
            yield ("routes", index, "plugs"), f"credentials are verified but not required{_REMEDY}"


def chain(config: GatewayConfig, plugs: Sequence[PlugConfig | str]) -> list[PlugConfig]:
    """Return the plugs that a list stands for, groups replaced by what they hold."""
    return [
        each
        for plug in plugs
        for each in ([plug] if isinstance(plug, PlugConfig) else chain(config, config.groups[plug]))
    ]


def _verifies(plugs: list[PlugConfig]) -> bool:
    return any(plug.use in VERIFIES for plug in plugs)


def _requires(plugs: list[PlugConfig]) -> bool:
    return any(plug.use in REQUIRES for plug in plugs)
