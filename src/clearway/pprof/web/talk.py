"""What is said on standard error about servers that nobody started by hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from clearway.errors import ClearwayError

if TYPE_CHECKING:
    from clearway.pprof.web.listening import Place
    from clearway.pprof.web.server import PprofServer

__all__ = ["say", "say_whether"]


def say(text: str) -> None:
    """Write a line to standard error, if there is one.

    Past its buffer: a thread of the parent may have held its lock when a child was forked.
    """
    with suppress(OSError, ValueError, AttributeError):  # closed, or a program without any
        os.write(sys.stderr.fileno(), f"clearway: {text}\n".encode(errors="replace"))


def say_whether(asked: Place, open_server: Callable[[], PprofServer]) -> None:
    """Open a server; say where it is unless that was known before, and why if it is nowhere.

    The program goes on in either case.
    """
    pid = os.getpid()
    try:
        server = open_server()
    except (ClearwayError, OSError, RuntimeError) as error:
        say(f"process {pid} serves no profiles: {error}")
        return
    if not asked.path and server.address.rpartition(":")[2] != str(asked.low):
        say(f"profiles of process {pid}: {server.url}")
