"""run() calls a plug to its end, however long it takes."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Conn, Deferred, Plug, PlugContractError
from clearway.testing import conn, run


def now(conn: Conn) -> Conn:
    return conn.assign("ran", True)


async def later(conn: Conn) -> Conn:
    await asyncio.sleep(0)
    return now(conn)


def deferred(conn: Conn) -> Deferred[Conn]:
    promise: Deferred[Conn] = Deferred()
    asyncio.get_running_loop().call_soon(promise.resolve, now(conn))
    return promise


@pytest.mark.parametrize("plug", [now, later, deferred])
def test_a_plug_is_called_to_its_end(plug: Plug) -> None:
    assert run(plug, conn("GET", "/")).assigns == {"ran": True}


def test_an_error_is_the_plugs_own() -> None:
    async def fails(conn: Conn) -> Conn:
        raise LookupError("oops")

    with pytest.raises(LookupError):
        run(fails, conn("GET", "/"))


def test_a_plug_that_returns_nothing_is_told_so() -> None:
    def forgetful(conn: Conn) -> None:
        pass

    with pytest.raises(PlugContractError, match="forgetful"):
        run(forgetful, conn("GET", "/"))  # type: ignore[arg-type]
