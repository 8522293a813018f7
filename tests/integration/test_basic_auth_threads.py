"""With its real threads, a password check leaves the event loop free, and ends when it is told."""

from __future__ import annotations

import asyncio
import threading
from base64 import b64encode

import bcrypt
import pytest

from clearway.plug import Conn
from clearway.plug.plugs import BasicAuth
from clearway.testing import conn


def asking(password: str) -> Conn:
    header = "Basic " + b64encode(f"acme:{password}".encode()).decode()
    return conn("GET", "/", headers={"authorization": header})


@pytest.mark.slow
def test_the_loop_turns_while_a_password_is_checked() -> None:
    hashed = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(10)).decode()
    before = set(threading.enumerate())  # other tests' plugs may have threads of their own
    plug = BasicAuth({"acme": hashed})

    async def check() -> tuple[Conn, int]:
        turns = 0
        pending = asyncio.ensure_future(plug(asking("open sesame")))  # type: ignore[arg-type]
        while not pending.done():
            await asyncio.sleep(0)
            turns += 1
        return await pending, turns

    done, turns = asyncio.run(check())
    plug.close()

    assert done.principal is not None
    assert turns > 100
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("clearway-password"):
            thread.join(5)
            assert not thread.is_alive()
