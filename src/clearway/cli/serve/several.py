"""More than one process: workers under a supervisor, and one that starts anew when a file changes."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

import click

from clearway.cli.serve.running import Given, place_of, run_here

if TYPE_CHECKING:
    from clearway.sched.supervision import Link

__all__ = ["run_reloading", "run_workers"]

log = logging.getLogger("clearway.cli")

_MORE_THAN_A_DRAIN_S = 5.0


def run_workers(app: str, given: Given) -> int:
    """Serve with several processes until a signal, and return the exit code."""
    from clearway.gateway.config.server import ServerConfig
    from clearway.gateway.listening import InheritedSocket, open_socket, url_of
    from clearway.sched.supervision import Limits, Supervisor

    listener, name = open_socket(place_of(given))

    def work(link: Link) -> int:
        return run_here(app, given, InheritedSocket(os.dup(listener.fileno())), link)

    drain_s = given["timeout_graceful_shutdown"]
    drain_s = ServerConfig().drain_s if drain_s is None else drain_s
    supervisor = Supervisor(work, given["workers"], limits=Limits(stop_s=drain_s + _MORE_THAN_A_DRAIN_S))
    log.info("%d workers on %s", given["workers"], url_of(name), extra={"address": name})
    supervisor.run()
    return 0


def run_reloading(app: str, given: Given) -> int:
    """Serve in a child that is replaced when a file changes, until a signal; return the exit code.

    The socket is open all the time: a request that comes while the app starts waits for it.
    """
    try:
        from watchfiles import PythonFilter, watch
    except ImportError as error:
        raise click.UsageError("--reload needs watchfiles: pip install 'clearway[reload]'") from error
    from clearway.gateway.listening import open_socket

    listener, _ = open_socket(place_of(given))
    os.set_inheritable(listener.fileno(), True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setting(stop))
    folders = given["reload_dirs"] or [given["app_dir"]]
    child = _child(listener.fileno())
    for changes in watch(*folders, watch_filter=PythonFilter(), stop_event=stop, raise_interrupt=False):
        changed = ", ".join(sorted({os.path.relpath(path) for _, path in changes}))
        log.info("%s changed: starting anew", changed)
        _end(child)
        child = _child(listener.fileno())
    return _end(child)


def _setting(event: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handler(number: int, frame: FrameType | None) -> None:
        event.set()

    return handler


def _child(descriptor: int) -> subprocess.Popen[bytes]:
    """Start this command again, without `--reload`, on our socket."""
    given = [each for each in sys.argv[1:] if each != "--reload"]
    command = [sys.executable, "-m", "clearway", *given, "--fd", str(descriptor)]
    return subprocess.Popen(command, pass_fds=[descriptor])  # noqa: S603  # what the user has typed


def _end(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    return child.wait()
