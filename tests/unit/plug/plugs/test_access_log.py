"""Every request that ends is one line in the log."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn, PlugOptionError, Sent
from clearway.plug.plugs import AccessLog
from clearway.testing import conn


class MemorySink:
    def __init__(self) -> None:
        self.text = ""
        self.closed = False

    def write(self, lines: bytes) -> None:
        self.text += lines.decode()

    def close(self) -> None:
        self.closed = True

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


def a_log(sink: MemorySink, **options: object) -> AccessLog:
    return AccessLog(sink, clock=lambda: 1764000000.0, start=lambda run: lambda: None, **options)  # type: ignore[arg-type]


def end(done: Conn, outcome: str = "complete") -> None:
    """Do what an adapter does when a response has ended."""
    for hook in done.after_send:
        hook(done, Sent(5, 0.001, outcome))


def test_a_request_is_logged_when_its_response_has_ended(sink: MemorySink) -> None:
    log = a_log(sink)
    done = log(conn("GET", "/x")).put_request_id("r-1").send_resp(200, b"hello")
    log.flush()
    assert sink.lines() == []

    end(done)
    log.flush()

    [line] = sink.lines()
    assert (line["request_id"], line["path"], line["status"]) == ("r-1", "/x", 200)


@pytest.mark.parametrize("outcome", ["client_closed", "upstream_closed", "timeout"])
def test_a_response_that_broke_off_says_who_did_it(sink: MemorySink, outcome: str) -> None:
    log = a_log(sink)
    end(log(conn("GET", "/")), outcome)
    log.flush()

    assert [(line["outcome"], line["status"]) for line in sink.lines()] == [(outcome, None)]


def test_the_fields_can_be_chosen(sink: MemorySink) -> None:
    log = a_log(sink, fields=["method", "header:accept"])
    end(log(conn("PUT", "/", headers={"accept": "*/*"})))
    log.flush()

    assert sink.text == '{"method":"PUT","header:accept":"*/*"}\n'


def test_what_is_missing_in_the_log_is_said_in_the_log(sink: MemorySink) -> None:
    log = a_log(sink, max_pending=1)
    for _ in range(3):
        end(log(conn("GET", "/")))
    assert log.statistics() == (0, 1, 2)

    log.flush()

    assert sink.lines()[-1] == {"time": "2025-11-24T16:00:00.000Z", "event": "dropped", "dropped": 2}
    assert log.statistics() == (1, 0, 2)


def test_close_writes_what_waits(sink: MemorySink) -> None:
    log = a_log(sink)
    end(log(conn("GET", "/")))
    log.close()

    assert len(sink.lines()) == 1
    assert sink.closed
    assert repr(log) == "<AccessLog 1 written, 0 pending, 0 dropped>"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"fields": ["header:cookie"]}, "secret"),
        ({"to": 7}, "to must be"),
        ({"max_pending": 0}, "max_pending"),
        ({"gather_s": -1}, "gather_s"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        AccessLog(**options)  # type: ignore[arg-type]
