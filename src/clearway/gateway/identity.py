"""Which request headers say who is asking."""

from __future__ import annotations

import re

from clearway.gateway.config import GatewayConfig
from clearway.gateway.config.plugs.observe import HeadersConfig
from clearway.gateway.config.warnings import chain

__all__ = ["identity_headers"]

_SAYS_WHO = re.compile(r"\{(?:principal|claims\.)")


def identity_headers(config: GatewayConfig) -> list[str]:
    """Return the headers that clients may not send.

    Those that the configuration names, and those that any `headers` plug sets from the caller's identity: an
    upstream that believes `x-user` on one route believes it on a route without that plug too.
    """
    lists = [config.plugs, *(route.plugs for route in config.routes)]
    edits = [plug for plugs in lists for plug in chain(config, plugs) if isinstance(plug, HeadersConfig)]
    set_by_us = [
        name
        for plug in edits
        for name, value in (*plug.set_request.items(), *plug.add_request.items())
        if _SAYS_WHO.search(value)
    ]
    return sorted({name.lower() for name in (*config.identity_headers, *set_by_us)})
