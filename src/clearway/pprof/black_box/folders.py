"""The folders of a black box: one for each process that writes there."""

from __future__ import annotations

import os
import re
import shutil
import time

__all__ = ["folder_for", "remove_folder", "remove_old", "stamp"]

_NAME = re.compile(r"(?P<stamp>[0-9]{8}T[0-9]{6}Z)-(?P<pid>[0-9]+)")


def stamp(seconds: float) -> str:
    """Return a time in UTC, for names that sort by it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def folder_for(directory: str, pid: int, seconds: float) -> str:
    """Return the folder of a process that begins to record at `seconds`."""
    return os.path.join(os.path.abspath(directory), f"{stamp(seconds)}-{pid}")


def remove_old(directory: str, keep: int) -> None:
    """Remove the folders of processes that are gone, but for the newest `keep`."""
    dead = [
        name
        for name in sorted(os.listdir(directory))
        if (found := _NAME.fullmatch(name)) and not os.path.exists(f"/proc/{found['pid']}")
    ]
    for name in dead[: max(len(dead) - keep, 0)]:
        remove_folder(os.path.join(directory, name))


def remove_folder(folder: str) -> None:
    """Remove a folder with what is in it; that it cannot be is no reason to stop."""
    shutil.rmtree(folder, ignore_errors=True)
