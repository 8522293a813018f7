"""Records are written in order by somebody else; those that are lost are counted and told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clearway.plug.plugs.parts.line_writer import TURN, LineWriter


class MemorySink:
    """Keeps what is written; refuses while `full`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.writes = 0
        self.full = False
        self.closed = False

    def write(self, lines: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.writes += 1
        self.lines += lines.decode().splitlines()

    def close(self) -> None:
        self.closed = True


class Thread:
    """Runs when the test says so, in the test's own thread."""

    def __init__(self) -> None:
        self.started: list[Callable[[], None]] = []

    def start(self, run: Callable[[], None]) -> Callable[[], object]:
        self.started.append(run)
        return lambda: None


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def thread() -> Thread:
    return Thread()


@pytest.fixture
def writer(sink: MemorySink, thread: Thread) -> LineWriter[int]:
    return LineWriter(
        sink,
        lambda record: f"{record}\n",
        lambda count: f"lost {count}\n",
        max_pending=100,
        gather_s=0.001,
        start=thread.start,
    )


def test_records_are_written_in_order(writer: LineWriter[int], sink: MemorySink) -> None:
    for record in range(3):
        writer.put(record)
    assert (sink.lines, writer.pending) == ([], 3)

    writer.flush()

    assert sink.lines == ["0", "1", "2"]
    assert (writer.written, writer.pending, writer.dropped) == (3, 0, 0)


def test_many_records_are_written_in_short_turns(writer: LineWriter[int], sink: MemorySink) -> None:
    for record in range(TURN + 1):
        writer.put(record)
    writer.flush()

    assert sink.writes == 2


def test_what_does_not_fit_is_dropped_and_the_log_says_so(writer: LineWriter[int], sink: MemorySink) -> None:
    for record in range(105):
        writer.put(record)
    writer.flush()

    assert sink.lines == [*map(str, range(100)), "lost 5"]
    assert writer.dropped == 5


def test_a_loss_is_told_once(writer: LineWriter[int], sink: MemorySink) -> None:
    for record in range(101):
        writer.put(record)
    writer.flush()
    writer.flush()

    assert sink.lines.count("lost 1") == 1


def test_what_the_sink_does_not_take_is_lost_and_told_when_it_takes_again(
    writer: LineWriter[int], sink: MemorySink
) -> None:
    sink.full = True
    writer.put(1)
    writer.put(2)
    writer.flush()
    sink.full = False
    writer.put(3)
    writer.flush()

    assert sink.lines == ["3", "lost 2"]
    assert (writer.written, writer.dropped) == (1, 2)


def test_the_thread_is_started_by_the_first_record_and_once(writer: LineWriter[int], thread: Thread) -> None:
    assert thread.started == []

    for record in range(3):
        writer.put(record)

    assert len(thread.started) == 1


def test_close_writes_what_waits_and_closes_the_sink(writer: LineWriter[int], sink: MemorySink) -> None:
    writer.put(1)
    writer.close()

    assert sink.lines == ["1"]
    assert sink.closed


def test_a_thread_that_is_told_to_close_drains_and_ends(
    writer: LineWriter[int], sink: MemorySink, thread: Thread
) -> None:
    writer.put(1)
    writer.put(2)
    sink.close = thread.started[0]  # type: ignore[method-assign]  # the thread's last turn
    writer.close()

    assert sink.lines == ["1", "2"]
