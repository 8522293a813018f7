"""A plug called to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from clearway.plug.conn import Conn
from clearway.plug.pipeline import Pipeline, Plug

__all__ = ["run"]


def run(plug: Plug, conn: Conn) -> Conn:
    """Call `plug` with `conn` and return the conn that it returns, having waited for it if it had to wait.

        assert run(BasicAuth(users), conn("GET", "/", headers=credentials)).principal.name == "ada"

    A plug is called inside an event loop of its own, so that it may ask for one, and for nothing but this
    call. Hooks run as far as the plug itself sends; no adapter is there to finish what it left undone.
    Inside a coroutine, call the plug and await what it returns.
    """
    return asyncio.run(_called(plug, conn))


async def _called(plug: Plug, conn: Conn) -> Conn:
    result = Pipeline(plug)(conn)  # which also says clearly what a plug did wrong
    return await result if isinstance(result, Awaitable) else result
