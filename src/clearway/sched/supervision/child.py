"""A worker, as it sees itself: how it tells its supervisor that it serves, and that it is alive."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import signal

__all__ = ["BEAT", "DUMP_SIGNAL", "READY", "Link"]

READY, BEAT = b"r", b"."
DUMP_SIGNAL = signal.SIGUSR1
"""A worker that gets it writes the stacks of all its threads to standard error."""


class Link:
    """The worker's end of the pipe to its supervisor.

        async def serve(link: Link) -> None:
            await listen()
            link.ready()
            await link.beat()

    Options:
        descriptor: The pipe's writing end.
        every_s: Seconds between two heartbeats.
        seat: The worker's number, from 0.
    """

    def __init__(self, descriptor: int, every_s: float, seat: int) -> None:
        self._descriptor = descriptor
        self._every_s = every_s
        self.seat = seat

    def begin(self) -> None:
        """Prepare the process: stacks on request, and none of the supervisor's signal handlers."""
        os.set_blocking(self._descriptor, False)
        faulthandler.register(DUMP_SIGNAL, all_threads=True)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal's hang-up is the supervisor's to act on

    def ready(self) -> None:
        """Say that this worker serves."""
        self._write(READY)

    async def beat(self) -> None:
        """Say every now and then that the event loop turns, until cancelled."""
        while True:
            self._write(BEAT)
            await asyncio.sleep(self._every_s)

    def _write(self, what: bytes) -> None:
        # A full pipe means that the supervisor is behind, a broken one that it is gone: `beat` says so by
        # ending.
        with contextlib.suppress(BlockingIOError):
            os.write(self._descriptor, what)
