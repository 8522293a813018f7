"""Log every request as one line of JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from clearway.clock import Clock, wall
from clearway.plug.conn import Conn, Sent
from clearway.plug.plugs.parts.line_writer import LineWriter, Starter, in_thread
from clearway.plug.plugs.parts.log_fields import DEFAULT_FIELDS, LogRecord, RecordFormat, timestamp
from clearway.plug.plugs.parts.log_sinks import LineSink, open_sink
from clearway.plug.plugs.parts.options import number, whole

__all__ = ["AccessLog", "AccessLogStatistics"]


class AccessLogStatistics(NamedTuple):
    """What an `AccessLog` has done so far.

    Attributes:
        written: Lines written.
        pending: Lines that wait to be written.
        dropped: Requests that are missing in the log, because the queue was full or writing failed.
    """

    written: int
    pending: int
    dropped: int


class AccessLog:
    """Log every request as one line of JSON, once its response has ended.

    The request does not wait: a thread writes. If it cannot keep up, requests are left out of the log, and
    the log says how many.

        pipeline = Pipeline(AccessLog(), RequestId(), ...)
        AccessLog("access.log", fields=[*AccessLog.DEFAULT_FIELDS, "header:user-agent"])

    Options:
        to: `"stdout"`, `"stderr"`, the path of a file, or an object with `write(lines)` and `close()`.
        fields: What a line holds: `time`, `request_id`, `client_ip`, `principal`, `method`, `path`, `query`,
            `route`, `status`, `outcome`, `bytes_sent`, `duration_ms`, `host`, `scheme`, `http_version`,
            `header:NAME` of the request, `resp_header:NAME` of the response.
        max_pending: Lines that may wait to be written.
        gather_s: How long a line may wait for company.
        clock: Seconds since the epoch.
        start: Starts the thread.

    The query string is logged only where `query` is asked for. Authorization and cookies are never logged.
    A file that was moved or removed is opened anew, so logrotate needs no signal.
    Make it in the process that serves: a thread does not survive a fork.
    """

    DEFAULT_FIELDS = DEFAULT_FIELDS

    def __init__(
        self,
        to: str | os.PathLike[str] | LineSink = "stdout",
        *,
        fields: Iterable[str] = DEFAULT_FIELDS,
        max_pending: int = 10_000,
        gather_s: float = 0.1,
        clock: Clock = wall,
        start: Starter = in_thread,
    ) -> None:
        chosen = RecordFormat(fields)
        self._clock = clock
        self._capture = chosen.capture
        self._writer: LineWriter[LogRecord] = LineWriter(
            open_sink(to),
            chosen.line,
            lambda count: f'{{"time":{timestamp(clock())},"event":"dropped","dropped":{count}}}\n',
            max_pending=whole("max_pending", max_pending),
            gather_s=number("gather_s", gather_s),
            start=start,
        )

    def __call__(self, conn: Conn) -> Conn:
        return conn.register_after_send(self._note)

    def flush(self) -> None:
        """Write what waits, now and in this thread."""
        self._writer.flush()

    def close(self) -> None:
        """Write what waits, and close what was opened."""
        self._writer.close()

    def statistics(self) -> AccessLogStatistics:
        """Return what was done so far."""
        return AccessLogStatistics(self._writer.written, self._writer.pending, self._writer.dropped)

    def __repr__(self) -> str:
        written, pending, dropped = self.statistics()
        return f"<AccessLog {written} written, {pending} pending, {dropped} dropped>"

    def _note(self, conn: Conn, sent: Sent) -> None:
        self._writer.put((self._clock(), sent, self._capture(conn)))
