"""A log file is appended to, and found again after somebody has moved it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.plugs.parts.log_sinks import FileSink, StreamSink, open_sink


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text("before\n")
    sink = FileSink(path)
    sink.write(b"one\n")
    sink.write(b"two\n")
    sink.close()

    assert path.read_text() == "before\none\ntwo\n"


@pytest.mark.parametrize("removed", [True, False])
def test_a_file_that_was_moved_or_removed_is_opened_anew(tmp_path: Path, removed: bool) -> None:
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    sink = FileSink(path)
    sink.write(b"one\n")
    path.unlink() if removed else path.rename(old)
    sink.write(b"two\n")
    sink.close()

    assert path.read_text() == "two\n"
    assert removed or old.read_text() == "one\n"


def test_a_stream_is_flushed_and_left_open() -> None:
    stream = io.BytesIO()
    sink = StreamSink(io.BufferedWriter(stream))  # type: ignore[arg-type]
    sink.write(b"one\n")
    sink.close()

    assert stream.getvalue() == b"one\n"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_standard_streams_go_by_their_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, name, stream)
    open_sink(name).write(b"one\n")

    assert stream.buffer.getvalue() == b"one\n"  # type: ignore[attr-defined]


def test_a_sink_of_your_own_is_taken_as_it_is(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "x")

    assert open_sink(sink) is sink
    sink.close()


def test_a_path_may_be_a_text_or_a_path(tmp_path: Path) -> None:
    for path in (tmp_path / "a", str(tmp_path / "b")):
        open_sink(path).close()

    assert [each.name for each in sorted(tmp_path.iterdir())] == ["a", "b"]


@pytest.mark.parametrize("to", ["/does/not/exist/access.log", 7, None])
def test_what_cannot_be_written_to_is_refused(to: str) -> None:
    with pytest.raises(PlugOptionError):
        open_sink(to)
