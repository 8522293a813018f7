"""Where the time of a proxied request goes, in one process and without sockets.

    python -m benchmarks.stages

A request with id, Bearer token, routing and metrics goes through the real gateway between two transports that
keep what is written. Each stage is then timed alone; what no stage accounts for is the exchange, the
connection, the pool, and the handing over between them. The kernel, libuv and uvloop are not in it.
"""

from __future__ import annotations

import os
import timeit
from collections.abc import Callable
from typing import Any

from clearway.gateway.build import parse_gateway
from clearway.gateway.forward_head import joined_headers, request_head
from clearway.http.client import ClientConnection
from clearway.http.connection import ServerConnection
from clearway.http.limits import ServerLimits
from clearway.http.reader import RequestReader
from clearway.http.response import response_head
from clearway.http.server import Server
from clearway.plug import Conn, Headers
from clearway.plug.jose import parse_secret, sign

SECRET = "a secret that is long enough for HS256"
CONFIG = """
listen = "127.0.0.1:8080"
plugs = ["request_id", "metrics"]
[upstreams.api]
targets = ["127.0.0.1:9001"]
[[routes]]
path = "/*rest"
upstream = "api"
plugs = [{ use = "bearer", secret_env = "JWT_SECRET" }, "require_auth"]
"""
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 200\r\nConnection: keep-alive\r\n\r\n" + b"x" * 200
)


class MemoryTransport:
    """Keeps the last bytes that were written."""

    written = b""

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 50000) if name == "peername" else None

    def set_write_buffer_limits(self, high: int) -> None: ...

    def write(self, data: bytes) -> None:
        self.written = data

    def is_closing(self) -> bool:
        return False


class AtOnce:
    """An outbox that keeps nothing: there is no loop whose turn could end."""

    def add(self, connection: Any) -> None:
        """Flush."""
        connection.flush()


class Unwatched:
    """Stands in for a parser's receiver, and for a timer: nothing happens."""

    now = 0.0
    outbox = AtOnce()

    def ignore(self, *_: object) -> None: ...

    request_began = request_ended = body_arrived = informed = response_began = response_failed = ignore
    add = discard = ignore


def microseconds(call: Callable[[], object], number: int = 10_000) -> float:
    """Return the best of seven runs: the least disturbed one."""
    return min(timeit.repeat(call, number=number, repeat=7)) / number * 1e6


def opened(connection: Any) -> tuple[Any, MemoryTransport]:
    """Return the connection, open, and its transport."""
    transport = MemoryTransport()
    connection.connection_made(transport)
    return connection, transport


def main() -> None:
    """Print the stages."""
    token = sign({"sub": "acme"}, parse_secret(SECRET.encode()), "HS256")
    request = f"GET /orders/7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    gateway = parse_gateway(CONFIG, environ={**os.environ, "JWT_SECRET": SECRET})
    quiet: Any = Unwatched()
    pool = gateway.upstreams["api"].pools[0]
    pool._deadlines = quiet
    upstream, _ = opened(pool._new())
    pool._take_back(upstream)
    seen: list[Conn] = []

    def plug(conn: Conn) -> object:
        seen.append(conn)
        return gateway.pipeline(conn)

    server = Server(plug, deadlines=quiet)  # type: ignore[arg-type]
    client, transport = opened(ServerConnection(server))

    def whole() -> None:
        client.data_received(request)
        upstream.data_received(RESPONSE)

    whole()
    assert transport.written.startswith(b"HTTP/1.1 200"), transport.written
    client.plug = gateway.pipeline
    *first, router = gateway.pipeline.plugs
    conn = seen[0]
    stages: dict[str, float] = {}
    reader = RequestReader(quiet, ServerLimits())
    stages["parse the request"] = microseconds(lambda: reader.feed(request))
    for each in (*first, *router.routes[0].plug.plugs[:-1]):
        stages[repr(each).split("(")[0].strip("<").split()[0]] = microseconds(
            lambda each=each, conn=conn: each(conn)
        )
        conn = each(conn)
    stages["Router"] = microseconds(lambda: routed(router, conn))
    stages["write the request's head"] = microseconds(lambda: request_head(conn, conn.path, None))
    alone = ClientConnection(pool._limits, quiet, quiet.ignore, quiet.ignore)
    opened(alone)
    stages["parse the response"] = microseconds(lambda: parse_response(alone, quiet))
    theirs = Headers(
        ((b"server", b"nginx"), (b"date", b"Mon, 23 Nov 2026"), (b"content-type", b"text/plain"))
    )
    stages["join the response's fields"] = microseconds(lambda: joined_headers(theirs, conn.resp_headers))
    sent = conn.send_resp(200, b"x" * 200, headers=joined_headers(theirs, conn.resp_headers))
    stages["write the response's head"] = microseconds(lambda: response_head(sent, True))
    total = microseconds(whole)
    stages["the rest"] = total - sum(stages.values())
    for name, cost in stages.items():
        print(f"{name:28}{cost:8.2f} us{cost / total:8.0%}")
    print(f"{'in all':28}{total:8.2f} us")


def routed(router: Any, conn: Conn) -> Conn:
    """Match and name the route as the router does, without calling what stands behind it."""
    params = router.routes[0].pattern.params(conn.path_info)
    return conn.put_route("/*rest", params)


def parse_response(connection: ClientConnection, receiver: Any) -> None:
    """Read one response."""
    connection._receiver = receiver
    connection.data_received(RESPONSE)


if __name__ == "__main__":
    main()
