"""A sample service for the tour: some orders, a slow answer, an echo and a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from clearway.plug import Conn, Plug, Router, get, problem, route

__all__ = ["sample_service"]

Sleep = Callable[[float], Awaitable[object]]

_ORDERS = {
    "1": {"id": "1", "item": "lamp", "pieces": 2},
    "2": {"id": "2", "item": "desk", "pieces": 1},
}
_HIDDEN = frozenset(["authorization", "cookie"])  # an echo must not spread credentials


def sample_service(sleep: Sleep = asyncio.sleep) -> Plug:
    """Return the service as a plug.

    Server(sample_service())
    """

    async def slow(conn: Conn) -> Conn:
        await sleep(1.0)
        return conn.send_json(200, {"took": "a second"})

    def events(conn: Conn) -> Conn:
        return conn.send_resp(200, _ticks(sleep), "text/event-stream")

    return Router(
        get("/orders", _list),
        get("/orders/:id", _show),
        route("DELETE", "/orders/:id", _delete),
        get("/slow", slow),
        route("*", "/echo", _echo),
        get("/events", events),
    )


def _list(conn: Conn) -> Conn:
    return conn.send_json(200, {"asked_by": conn.headers.get("x-user"), "orders": list(_ORDERS.values())})


def _show(conn: Conn) -> Conn:
    order = _ORDERS.get(conn.params["id"])
    return problem(conn, 404, "no such order") if order is None else conn.send_json(200, order)


def _delete(conn: Conn) -> Conn:
    return conn.send_json(200, {"deleted": conn.params["id"], "asked_by": conn.headers.get("x-user")})


async def _echo(conn: Conn) -> Conn:
    body = await conn.fetch_body(64 * 1024)
    headers = [f"{name}: {value}" for name, value in conn.headers.items() if name not in _HIDDEN]
    target = f"{conn.path}?{conn.query_string}" if conn.query_string else conn.path
    told = {
        "method": conn.method,
        "target": target,
        "headers": headers,
        "body": body.decode("utf-8", "replace"),
    }
    return conn.send_json(200, told)


async def _ticks(sleep: Sleep) -> AsyncIterator[bytes]:
    for number in range(1, 6):
        yield f"data: event {number} of 5\n\n".encode()
        await sleep(0.5)
