# Keys behind a URL, never waited for.
#
# Rule 1: `current` and `want` only look and note. No request ever waits for a publisher.
# Rule 2: at most one fetch runs at a time.
# Rule 3: a failed fetch changes nothing but counters: the old keys stay good.
#
# Theory of operation
# -------------------
# `RefreshSchedule` says when the next fetch is due; one timer of the event loop waits for that moment. Each
# fetch ends by arming the timer again, and an unknown kid may bring it forward. So an idle service refreshes
# as well, and a key that its publisher withdrew is gone after `refresh_s`, traffic or not.
#
# A document that holds the keys we have keeps the generation, so verified tokens stay in their caches.
"""Keys behind a URL, refreshed in the background."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from clearway.clock import Clock, monotonic
from clearway.errors import ClearwayError
from clearway.plug.jose.errors import KeyFetchError
from clearway.plug.jose.fetch import Fetch, check_url, https_fetch
from clearway.plug.jose.keyset import KeySet, parse_key_set
from clearway.plug.jose.refresh import RefreshSchedule

if TYPE_CHECKING:
    import asyncio

__all__ = ["RemoteKeys", "RemoteKeysStatistics"]

_log = logging.getLogger(__name__)


class RemoteKeysStatistics(NamedTuple):
    """What a `RemoteKeys` has done so far.

    Attributes:
        refreshes: Fetches that brought usable keys.
        failures: Fetches that did not.
        unknown_kids: Tokens that named a key which was not in the set.
        generation: Of the current set; 0 before the first keys came.
        keys: Keys in the current set.
        skipped: Keys of the document that were left out.
        age_s: Seconds since the last fetch that brought keys, or None.
        last_failure: Why the last fetch failed; None if it did not.
    """

    refreshes: int
    failures: int
    unknown_kids: int
    generation: int
    keys: int
    skipped: int
    age_s: float | None
    last_failure: str | None


class RemoteKeys:
    """Keys behind a URL, refreshed in the background.

        async with RemoteKeys("https://id.example/.well-known/jwks.json") as keys:
            pipeline = Pipeline(Bearer(keys, issuer="https://id.example", audience="orders"), ...)

    Without `start` (or `async with`) it starts itself when it is first asked inside an event loop; until the
    first keys have come, `current` is an empty set.
    Old keys are used while a refresh runs, and kept when it fails.

    Options:
        url: Where the JWK Set is; https, or http on this machine.
        refresh_s: Seconds between two refreshes.
        cooldown_s: At most one refresh per so many seconds because of unknown kids.
        timeout_s: Seconds for one fetch.
        max_bytes: The longest document that is taken.
        algorithms: An allow-list for every key; None means what each key's type and `alg` allow.
        allow_http: Take plain http from anywhere: whoever is on the way can then sign tokens.
        fetch: `async (url) -> bytes`; None means urllib in a thread.
        clock: Monotonic seconds.

    It belongs to one event loop, and knows one URL: discovery documents are not read.
    """

    def __init__(
        self,
        url: str,
        *,
        refresh_s: float = 300.0,
        cooldown_s: float = 30.0,
        timeout_s: float = 5.0,
        max_bytes: int = 256 * 1024,
        algorithms: Iterable[str] | None = None,
        allow_http: bool = False,
        fetch: Fetch | None = None,
        clock: Clock = monotonic,
    ) -> None:
        self.name = check_url(url, allow_http=allow_http)
        self._url = url
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._algorithms = None if algorithms is None else tuple(algorithms)
        self._fetch = fetch or https_fetch(timeout_s=timeout_s, max_bytes=max_bytes)
        self._clock = clock
        self._schedule = RefreshSchedule(refresh_s, cooldown_s)
        self._keys = KeySet((), generation=0)
        self._running = False  # a timer is armed or a fetch is under way
        self._closed = False
        self._flight: asyncio.Task[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refreshes = self._failures = self._unknown_kids = 0
        self._refreshed_at: float | None = None
        self._last_failure: str | None = None

    def current(self) -> KeySet:
        """Return the newest keys at once; an empty set of generation 0 before the first have come."""
        if not self._running:
            self._run()
        return self._keys

    def want(self, kid: str) -> None:
        """Note an unknown kid, whichever it is: refresh as soon as the cool-down allows."""
        self._unknown_kids += 1
        if self._flight is None and self._schedule.want(self._clock()):
            self._run()

    async def start(self) -> bool:
        """Fetch the first keys, and tell whether they came; a failure is retried in the background."""
        return bool(self._keys.keys) or await self.refresh()

    async def refresh(self) -> bool:
        """Fetch now, or join the fetch that runs; tell whether it brought usable keys."""
        import asyncio

        if self._closed:
            return False
        self._disarm()
        self._running = True
        flight = self._launch(asyncio.get_running_loop())
        return await asyncio.shield(flight)  # whoever stops waiting must not stop the fetch for others

    async def aclose(self) -> None:
        """Stop refreshing; the current keys stay usable."""
        import asyncio

        self._closed = self._running = True  # running, so that `current` starts nothing
        self._disarm()
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    async def __aenter__(self) -> RemoteKeys:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def statistics(self) -> RemoteKeysStatistics:
        """Return what was done so far."""
        age_s = None if self._refreshed_at is None else self._clock() - self._refreshed_at
        return RemoteKeysStatistics(
            self._refreshes, self._failures, self._unknown_kids, self._keys.generation, len(self._keys),
            len(self._keys.skipped), age_s, self._last_failure,
        )  # fmt: skip

    def __repr__(self) -> str:
        state = "closed" if self._closed else "fetching" if self._flight else "waiting"
        return f"<RemoteKeys {self.name}: {state}, {len(self._keys)} keys, {self._failures} failures>"

    # The timer

    def _run(self) -> None:
        """Wait for the moment that the schedule names; without an event loop, leave it to the next call."""
        import asyncio

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._closed:
            return
        self._disarm()
        self._running = True
        self._timer = loop.call_later(max(0.0, self._schedule.due - self._clock()), self._launch, loop)

    def _launch(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[bool]:
        self._timer = None
        if self._flight is None:
            self._flight = loop.create_task(self._attempt(), name=f"keys {self.name}")
            self._flight.add_done_callback(self._land)
        return self._flight

    def _land(self, flight: asyncio.Task[bool]) -> None:
        self._flight = None
        if flight.cancelled():  # by whoever ends the event loop: it neither succeeded nor failed by itself
            self._schedule.fail(self._clock())
        self._run()

    def _disarm(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    # One fetch

    async def _attempt(self) -> bool:
        import asyncio

        self._schedule.begin(self._clock())
        try:
            async with asyncio.timeout(self._timeout_s):
                document = await self._fetch(self._url)
            self._adopt(document)
        except Exception as error:  # noqa: BLE001  # `fetch` is anybody's; whatever it raises, the old keys stay
            self._fail(error)
            return False
        self._schedule.succeed(self._clock())
        return True

    def _adopt(self, document: bytes) -> None:
        if len(document) > self._max_bytes:
            raise KeyFetchError(f"the document is longer than {self._max_bytes} bytes")
        generation = self._keys.generation + 1
        keys = parse_key_set(document, remote=True, algorithms=self._algorithms, generation=generation)
        if set(keys.keys) != set(self._keys.keys):
            self._keys = keys
            for reason in keys.skipped:
                _log.warning("keys %s: skipped %s", self.name, reason)
        self._refreshes += 1
        self._refreshed_at = self._clock()
        self._last_failure = None

    def _fail(self, error: Exception) -> None:
        # Our own errors are worded for people; a stranger's text might quote what it should not.
        reason = str(error) if isinstance(error, ClearwayError) else type(error).__name__
        self._failures += 1
        self._last_failure = reason
        self._schedule.fail(self._clock())
        _log.warning("keys %s: refresh failed, %d old keys stay: %s", self.name, len(self._keys), reason)
