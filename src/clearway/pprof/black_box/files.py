"""Files that are whole or not there, even if the process is killed while they are written."""

from __future__ import annotations

import os
from contextlib import suppress

__all__ = ["sync_folder", "write_whole"]


def write_whole(path: str, data: bytes) -> None:
    """Write a file so that under its name it is complete, and on the disk when this returns."""
    passing = f"{path}.part"
    fd = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(passing, path)
    sync_folder(os.path.dirname(path))


def sync_folder(folder: str) -> None:
    """Put the names in a folder on the disk."""
    with suppress(OSError):  # some file systems cannot
        fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
