# examples/upper.py
from collections.abc import AsyncIterator

from clearway.plug import Conn


async def shouted(conn: Conn) -> AsyncIterator[bytes]:
    async for piece in conn.body:
        yield piece.upper()


def shout(conn: Conn) -> Conn:
    return conn.send_resp(200, shouted(conn), "text/plain")
