# examples/server_timing.py
from clearway.clock import Clock, monotonic
from clearway.plug import Conn, Sent


class ServerTiming:
    """Tell the client how long its answer took to decide, and remember the slowest that was sent."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.clock = clock
        self.slowest_s = 0.0

    def __call__(self, conn: Conn) -> Conn:
        return conn.register_before_send(self.tell).register_after_send(self.remember)

    def tell(self, conn: Conn) -> Conn:
        took_ms = (self.clock() - conn.started) * 1000
        return conn.add_resp_header("server-timing", f"app;dur={took_ms:.1f}")

    def remember(self, conn: Conn, sent: Sent) -> None:
        if sent.outcome == "complete":
            self.slowest_s = max(self.slowest_s, sent.duration_s)
