# One profile on its way to one client.
#
# Rule 1: nothing here waits. `seconds` says for how long the caller does, between `begin` and `finish`: the
#         server in its thread, the plug in the event loop.
# Rule 2: `begin` and `finish` may take a while (they collect and encode), so a loop calls them in a thread.
#         `cancel` may come at any time from another one; whatever is under way is then thrown away.
"""One profile on its way to one client."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from clearway.pprof.collector import Collector, Recording
from clearway.pprof.errors import PprofError, UnavailableError
from clearway.pprof.profile import Profile
from clearway.pprof.web.answer import BINARY, TEXT, Answer, failure, refusal
from clearway.pprof.web.parameters import Parameters
from clearway.pprof.web.unpatched import unpatched

if TYPE_CHECKING:
    from _thread import allocate_lock
else:
    allocate_lock = unpatched("_thread", "allocate_lock")

__all__ = ["Collection", "Encode", "Slots"]

Encode = Callable[[Profile], bytes]
log = logging.getLogger("clearway.pprof")


class Slots:
    """A bound on how many collections run at once.

    Attributes:
        limit: How many may.
        taken: How many do.
        refused: How many have been turned away.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.taken, self.refused = limit, 0, 0
        self._lock = allocate_lock()

    def take(self) -> None:
        """Take one, or raise `UnavailableError`."""
        with self._lock:
            if self.taken >= self.limit:
                self.refused += 1
                raise UnavailableError(
                    f"{self.taken} profiles are being collected, and no more may be", hint="try again soon"
                )
            self.taken += 1

    def release(self) -> None:
        """Give one back."""
        with self._lock:
            self.taken -= 1

    def __repr__(self) -> str:
        return f"<Slots {self.taken} of {self.limit} taken, {self.refused} refused>"


class Collection:
    """One profile on its way to one client.

        refused = collection.begin()
        ...                           # wait for collection.seconds
        answer = collection.finish()

    Options:
        name: As the client named it.
        collector: What collects it.
        parameters: What the client asked.
        encode: Writes profile.proto.
        slots: The bound that this one counts against.
    """

    def __init__(
        self, name: str, collector: Collector, parameters: Parameters, encode: Encode, slots: Slots
    ) -> None:
        self.name = name
        self._collector, self._parameters = collector, parameters
        self._encode, self._slots = encode, slots
        self._lock = allocate_lock()
        self._recording: Recording | None = None
        self._state = "new"  # then "running", then "over"

    @property
    def seconds(self) -> float:
        """How long it records; 0 for what is known now."""
        return self._parameters.seconds or 0.0

    def begin(self) -> Answer | None:
        """Begin to record; return the answer if that is refused."""
        return self._caught(self._begin)

    def _begin(self) -> None:
        refuse_at_the_end()
        self._slots.take()
        self._state = "running"
        if self._parameters.gc:
            gc.collect()
        if self._parameters.seconds is None:
            return
        recording = self._collector.begin()
        with self._lock:
            if self._state == "running":
                self._recording = recording
                return
        recording.cancel()  # the client left while it began

    def finish(self) -> Answer:
        """Return the answer with what was recorded."""
        answer = self._caught(self._finish)
        assert answer is not None
        return answer

    def _finish(self) -> Answer:
        refuse_at_the_end()
        with self._lock:
            recording, self._recording = self._recording, None
            if self._state != "running":
                raise UnavailableError("the collection was cancelled")
        profile = self._collector.snapshot() if recording is None else recording.end()
        debug = self._parameters.debug
        if debug:
            answer = Answer(200, self._collector.text(profile, debug).encode(errors="replace"), TEXT)
        else:
            answer = Answer(
                200, self._encode(profile), BINARY, (("content-disposition", self._disposition()),)
            )
        self._over()
        return answer

    def _disposition(self) -> str:
        is_delta = self._parameters.seconds is not None and self._collector.seconds is None
        return f'attachment; filename="{self.name}{"-delta" if is_delta else ""}"'

    def head(self) -> Answer:
        """Return what a HEAD request is answered: nothing is collected for it."""
        if self._parameters.debug:
            return Answer(200, b"", TEXT)
        return Answer(200, b"", BINARY, (("content-disposition", self._disposition()),))

    def cancel(self) -> None:
        """Throw away what was recorded; harmless once it is over."""
        with self._lock:
            recording, self._recording = self._recording, None
        self._over()
        if recording is not None:
            recording.cancel()

    def _over(self) -> None:
        with self._lock:
            state, self._state = self._state, "over"
        if state == "running":
            self._slots.release()

    def _caught(self, step: Callable[[], Answer | None]) -> Answer | None:
        """Return what `step` does; nothing that a collector raises reaches the server."""
        try:
            return step()
        except PprofError as error:
            answer = failure(error)
        except MemoryError:
            answer = refusal(503, "there is no memory left to collect the profile in")
        except Exception as error:
            log.exception("%s could not be collected", self.name)
            answer = refusal(500, f"{self.name} could not be collected: {type(error).__name__}: {error}")
        self.cancel()
        return answer

    def __repr__(self) -> str:
        return f"<Collection {self.name} {self._state}, {self.seconds:g} s>"


def refuse_at_the_end() -> None:
    """Raise `UnavailableError` while the interpreter shuts down."""
    if sys.is_finalizing():
        raise UnavailableError("the process is ending")
