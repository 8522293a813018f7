"""Logging in, for the tests of BasicAuth."""

from __future__ import annotations

import asyncio
from base64 import b64encode

from clearway.plug import Conn
from clearway.plug.plugs import BasicAuth
from clearway.testing import conn
from tests.unit.plug.plugs.executors import HeldExecutor, InlineExecutor

HASH = "$2b$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"  # of "open sesame"
OTHER_HASH = "$2b$04$Aycwu5U8w3jqZfY30paAFOiRLZYhJ12K8kL1Xpuq0thbWhbABY6Qe"  # of ""
USERS = {"acme": HASH}


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def credentials(user: str, password: str) -> str:
    """Return the authorization of `user`."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def asking(user: str, password: str) -> Conn:
    """Return a request of `user`."""
    return conn("GET", "/", headers={"authorization": credentials(user, password)})


def a_plug(executor: InlineExecutor | HeldExecutor | None = None, **options: object) -> BasicAuth:
    """Return a plug that knows acme, and works without threads."""
    return BasicAuth(USERS, executor=executor or InlineExecutor(), **options)  # type: ignore[arg-type]


def run(plug: BasicAuth, request: Conn) -> Conn:
    """Return the conn that comes out, waiting for it if need be."""

    async def wait() -> Conn:
        result = plug(request)
        return result if isinstance(result, Conn) else await result

    return asyncio.run(wait())


def task(plug: BasicAuth, request: Conn) -> asyncio.Task[Conn]:
    """Begin to wait for the conn that comes out."""

    async def wait() -> Conn:
        result = plug(request)
        return result if isinstance(result, Conn) else await result

    return asyncio.ensure_future(wait())
