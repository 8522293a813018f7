"""Where log lines go: a file that may be moved away under us, or a stream that is somebody else's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO, Protocol

from clearway.plug.errors import PlugOptionError

__all__ = ["FileSink", "LineSink", "StreamSink", "open_sink"]


class LineSink(Protocol):
    """Takes whole lines."""

    def write(self, lines: bytes) -> object:
        """Write `lines`; may raise `OSError`, and then none of them may be relied upon."""

    def close(self) -> None:
        """Give back what was opened."""


class StreamSink:
    """Writes to a stream that stays open when we are done, such as standard output."""

    __slots__ = ("_stream",)

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, lines: bytes) -> None:
        """Write and flush."""
        self._stream.write(lines)
        self._stream.flush()

    def close(self) -> None:
        """Leave the stream to its owner."""


class FileSink:
    """Appends to a file, and opens it anew once somebody has moved or removed it (logrotate)."""

    __slots__ = ("_file", "_identity", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open()

    def write(self, lines: bytes) -> None:
        """Append `lines`, to the file that is at the path now."""
        if self._was_moved():
            self._file.close()
            self._open()
        rest = memoryview(lines)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]  # a raw file may take a part

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self) -> None:
        # Unbuffered: lines come in batches already, and a line that was written is on its way.
        self._file = self.path.open("ab", buffering=0)
        self._identity = _identity(os.fstat(self._file.fileno()))

    def _was_moved(self) -> bool:
        try:
            return _identity(self.path.stat()) != self._identity
        except FileNotFoundError:
            return True


def open_sink(to: str | os.PathLike[str] | LineSink) -> LineSink:
    """Return the sink that `to` means: `"stdout"`, `"stderr"`, a path, or a sink already."""
    match to:
        case "stdout":
            return StreamSink(sys.stdout.buffer)
        case "stderr":
            return StreamSink(sys.stderr.buffer)
        case str() | os.PathLike():
            try:
                return FileSink(Path(to))
            except OSError as error:
                raise PlugOptionError(
                    f"the log file {os.fspath(to)} cannot be opened: {error.strerror}"
                ) from error
    if not callable(getattr(to, "write", None)) or not callable(getattr(to, "close", None)):
        raise PlugOptionError(f'to must be "stdout", "stderr", a path, or have write and close, not {to!r}')
    return to


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
