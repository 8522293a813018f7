# The proxy endpoint: a plug that answers with an upstream's answer.
#
# Theory of operation
# -------------------
# The plug returns a Deferred and a `_Forwarding` drives it: take a connection, send the request, turn the
# response into a sent conn. All of it happens in socket callbacks: no task, no coroutine, no turn of the loop
# between the upstream's bytes and the client's.
#
# Retry. A pooled connection may die between two requests without our knowing; the first sign is that it
# closes before one byte of the answer. Such a request may have been received all the same, so it is sent
# again only if sending twice is the same as sending once (RFC 9110 section 9.2.2), only if none of its body
# was taken, and only once.
"""The proxy endpoint: a plug that answers with an upstream's answer."""

from __future__ import annotations

from clearway.gateway.forward_head import joined_headers, request_head
from clearway.gateway.upstream import Upstream
from clearway.http.client import ClientConnection
from clearway.http.pool import Pool
from clearway.plug import Conn, Deferred, Headers, Stream
from clearway.plug.errors import remember_conn
from clearway.pprof import current_labels, set_labels

__all__ = ["Proxy"]

_IDEMPOTENT = frozenset(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"])


class Proxy:
    """Answer with what an upstream answers.

        Router(forward("/orders", Proxy(orders)))

    Bodies stream through both ways and are never gathered.

    Options:
        upstream: Where requests go.
        strip_prefix: Number of leading path segments that the upstream does not see.
        upstream_host: Send the target's own address as Host instead of the client's.
    """

    def __init__(self, upstream: Upstream, *, strip_prefix: int = 0, upstream_host: bool = False) -> None:
        self.upstream = upstream
        self.strip_prefix = strip_prefix
        self.upstream_host = upstream_host

    def __call__(self, conn: Conn) -> Conn | Deferred[Conn]:
        if conn.method in _COUNTED and "max-forwards" in conn.headers:
            conn = spend_forward(conn)
            if conn.halted:
                return conn
        forwarding = _Forwarding(self, conn)
        forwarding.start()
        return forwarding

    def path_of(self, conn: Conn) -> str:
        """Return the path that the upstream gets."""
        return without_segments(conn.path, self.strip_prefix) if self.strip_prefix else conn.path

    def __repr__(self) -> str:
        return f"Proxy({self.upstream!r})"


def without_segments(path: str, count: int) -> str:
    """Return `path` without its first `count` segments, counted as the router does: empty ones are none."""
    for _ in range(count):
        _, _, path = path.lstrip("/").partition("/")
        path = "/" + path
    return path


_COUNTED = ("TRACE", "OPTIONS")


def spend_forward(conn: Conn) -> Conn:
    """RFC 9110 section 7.6.2: count Max-Forwards down; at zero the answer is ours."""
    value = conn.headers.get("max-forwards", "")
    left = int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None
    if left == 0:
        return conn.send_resp(204).halt()
    return conn if left is None else conn.put_req_header("max-forwards", str(left - 1))


class _Forwarding(Deferred[Conn]):
    """One request on its way to an upstream and back; resolves with the sent conn."""

    _answer: Conn | None = None
    _attempts = 0  # requests sent
    _refused = 0  # targets tried for a new connection
    _connection: ClientConnection | None = None
    _connecting: Deferred[ClientConnection] | None = None

    def __init__(self, proxy: Proxy, conn: Conn) -> None:
        self.done = False  # all that Deferred's own __init__ would do
        self._proxy = proxy
        self._conn = conn
        self._labels = current_labels()  # the answer comes in the upstream connection's own context

    def start(self) -> None:
        """Send the request on a waiting connection, or on a new one."""
        pool = self._proxy.upstream.pick()
        connection = pool.take_idle()
        if connection is not None:
            self._send(connection)
        else:
            self._connect(pool)

    def _connect(self, pool: Pool) -> None:
        self._refused += 1
        self._connecting = pool.connect()
        self._connecting.then(self._connected)

    def _connected(self, connection: ClientConnection | None, error: BaseException | None) -> None:
        set_labels(self._labels)
        self._connecting = None
        if connection is not None:
            self._send(connection)
        elif error is not None:
            upstream = self._proxy.upstream
            if self._refused < len(upstream.pools):
                self._connect(upstream.pick())  # nothing was sent, so any request may go elsewhere
            else:
                self._reject(error)

    def _send(self, connection: ClientConnection) -> None:
        self._attempts += 1
        self._connection = connection
        conn, proxy = self._conn, self._proxy
        try:
            head = request_head(
                conn,
                proxy.path_of(conn) if proxy.strip_prefix else conn.path,
                connection.authority if proxy.upstream_host else None,
            )
        except Exception as error:  # noqa: BLE001  # a loop, or a head that a plug made unwritable
            connection.cancel_exchange()
            self._reject(error)
            return
        body = conn.body
        connection.send(head, b"" if body.length == 0 else body, self, conn.method != "HEAD")

    def cancel(self) -> None:
        """Give the request up: its client is gone; also the answer, if nobody has taken it yet."""
        super().cancel()
        if self._answer is not None and isinstance(self._answer.resp_body, Stream):
            self._answer.resp_body.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.cancel_exchange()

    def _reject(self, error: BaseException) -> None:
        remember_conn(error, self._conn)
        self.reject(error)

    # The connection's ResponseReceiver

    def informed(self, status: int, headers: Headers) -> None:
        """Pass an interim response on; 100 is ours to send, and was."""
        if status != 100:
            self._conn.inform(status, headers)

    def response_began(self, status: int, headers: Headers, body: bytes | Stream) -> None:
        """Answer the client."""
        set_labels(self._labels)
        self._connection = None
        conn = self._conn
        try:
            answered = conn.send_resp(status, body, headers=joined_headers(headers, conn.resp_headers))
        except Exception as error:  # noqa: BLE001  # a before_send hook's failure is the answer's
            if isinstance(body, Stream):
                body.cancel()
            self._reject(error)
            return
        self._answer = answered
        self.resolve(answered)

    def response_failed(self, error: Exception, retriable: bool) -> None:
        """Try again on a new connection, or answer 502."""
        set_labels(self._labels)
        self._connection = None
        conn = self._conn
        if retriable and self._attempts == 1 and conn.method in _IDEMPOTENT and conn.body.length == 0:
            if not self.done:
                self._connect(self._proxy.upstream.pick())
            return
        self._reject(error)
