"""The conformance suite of adapters."""

from __future__ import annotations

import asyncio

from clearway.testing.adapter import endings, failures, flow, leaving, plugs, requests, responses
from clearway.testing.adapter.parts import Check, Serve

__all__ = ["Serve", "adapter_checks", "check_adapter"]

_MODULES = (requests, responses, plugs, endings, failures, leaving, flow)
_CHECKS: dict[str, Check] = {check.__name__: check for module in _MODULES for check in module.CHECKS}


def adapter_checks() -> list[str]:
    """Return the names of the checks: each says what an adapter owes."""
    return list(_CHECKS)


async def check_adapter(serve: Serve, *, only: str | None = None, timeout_s: float = 20.0) -> None:
    """Check that an adapter keeps the contract between plugs and the world.

        @asynccontextmanager
        async def serve(plug):
            server = Server(plug)
            host, port = await server.listen("127.0.0.1", 0)
            yield f"{host}:{port}"
            await server.close(drain_s=0)

        asyncio.run(check_adapter(serve))

    Each check serves a pipeline of its own, and speaks HTTP/1.1 to it over a socket. The server has to run in
    this event loop, because the checks look at what happened in its plugs.
    Raises `AssertionError`, named after the check in a note, at the first thing that is not as it should be.

    Options:
        serve: Called with a plug; an async context manager that gives `host:port`.
        only: The name of one check.
        timeout_s: For one check. The slowest takes half a second on an idle machine.

    What a server does with requests that are not HTTP is not its adapter's doing and not checked here.
    """
    for name in [only] if only is not None else adapter_checks():
        try:
            async with asyncio.timeout(timeout_s):
                await _CHECKS[name](serve)
        except Exception as error:
            error.add_note(f"while checking that an adapter {name.replace('_', ' ')}")
            raise
