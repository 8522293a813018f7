# examples/maintenance.py
from clearway.clock import Clock, wall
from clearway.plug import Conn, PlugOptionError, problem


class Maintenance:
    """Answer 503 until a moment has come.

    Options:
        until: The moment, in seconds since the epoch.
        clock: Seconds since the epoch.
    """

    def __init__(self, until: float, clock: Clock = wall) -> None:
        if until <= 0:
            raise PlugOptionError(f"until is a moment in seconds since the epoch, not {until}")
        self.until = until
        self.clock = clock

    def __call__(self, conn: Conn) -> Conn:
        left = self.until - self.clock()
        if left <= 0:
            return conn
        conn = conn.put_resp_header("retry-after", f"{left:.0f}")
        return problem(conn, 503, "we are working on it").halt()
