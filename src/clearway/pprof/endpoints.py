# The third way to serve profiles: in a pipeline, so under our server, in the gateway's admin listener, and in
# front of any ASGI app.
#
# Rule: nothing of a profile is made in the event loop. Collecting and encoding run in a thread of their own
# (not in the loop's executor, which may be full of just what somebody wants to look at); the wait in between
# is the loop's.
"""The pages under `/debug/pprof/`, as a plug."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import quote

from clearway.plug import Conn, PlugOptionError
from clearway.plug.pipeline import Result
from clearway.pprof.web import Answer, Collection, Credentials, Guard, Pages, Request
from clearway.pprof.web.answer import refusal
from clearway.pprof.web.pages import PREFIX, base_at

__all__ = ["PprofEndpoints"]

T = TypeVar("T")
_SEGMENTS = ("debug", "pprof")
_ASKED_BY_GUARD = ("authorization", "host", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
_LEFT_BY_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
_LOOPBACK = ("127.", "::1", "::ffff:127.")


class PprofEndpoints:
    """Answer what is asked under `/debug/pprof/`, and let everything else pass.

        app = Pipeline(PprofEndpoints(), router)                       # for this machine alone
        app = AsgiMiddleware(app, PprofEndpoints(credentials=Credentials(token=token)))
        app = Pipeline(BasicAuth(users), PprofEndpoints(allow=is_operator), router)

    While a profile is recorded, the loop goes on; a client that leaves ends its recording. A blocked loop
    does not answer: for that there is `start`, in a thread of its own.

    Options:
        credentials: What clients have to send, whoever they are.
        allow: Decides by the conn, for instance by its principal; for those who let somebody else verify.
        pages: What is served; all profiles of this process unless given.

    With neither `credentials` nor `allow`, clients on this machine are answered, and only if no proxy has
    sent them: whatever stands in front of a service may be on this machine as well.
    """

    def __init__(
        self,
        *,
        credentials: Credentials | None = None,
        allow: Callable[[Conn], bool] | None = None,
        pages: Pages | None = None,
    ) -> None:
        if credentials is not None and allow is not None:
            raise PlugOptionError("PprofEndpoints takes credentials or allow: whoever allows, verifies")
        self.pages = Pages() if pages is None else pages
        self._credentials, self._allow = credentials, allow
        self._guard = Guard(credentials)

    def __call__(self, conn: Conn) -> Result:
        if PREFIX not in conn.path and conn.script_name[-2:] != _SEGMENTS:
            return conn
        rest = _rest_of(conn)
        if rest is None:
            return conn
        refused = self._refusal(conn)
        if refused is not None:
            return _sent(conn, refused)
        base = base_at(conn.headers.get("host") or "", conn.host or "localhost", conn.scheme)
        above = conn.script_name[:-2] if conn.script_name[-2:] == _SEGMENTS else conn.script_name
        base += "".join(f"/{quote(segment)}" for segment in above)
        return self._answer(conn, Request(conn.method, rest, conn.query_string, base=base))

    def _refusal(self, conn: Conn) -> Answer | None:
        if self._allow is not None:
            return None if self._allow(conn) else refusal(403, "profiles are not for everybody")
        if self._credentials is None:
            sent_on = any(conn.headers.get(name) is not None for name in _LEFT_BY_PROXIES)
            if sent_on or conn.peer is None or not conn.peer[0].startswith(_LOOPBACK):
                return refusal(403, "profiles are for this machine alone; see PprofEndpoints")
        asked = {name: value for name in _ASKED_BY_GUARD if (value := conn.headers.get(name)) is not None}
        return self._guard.refusal(asked)

    async def _answer(self, conn: Conn, request: Request) -> Conn:
        found = await _in_thread(lambda: self.pages.ask(request))
        return _sent(conn, await _collected(found) if isinstance(found, Collection) else found)

    def __repr__(self) -> str:
        return f"<PprofEndpoints {self.pages!r}>"


def _rest_of(conn: Conn) -> str | None:
    """Return the path as `Pages` knows it, or None if it is somebody else's."""
    segments, mount = conn.path_info, conn.script_name
    if segments[:2] == _SEGMENTS:
        segments = segments[2:]
    elif mount[-2:] != _SEGMENTS:
        return None
    if segments:
        return f"{PREFIX}/{'/'.join(segments)}"
    return f"{PREFIX}/" if conn.path.endswith("/") else PREFIX


async def _collected(collection: Collection) -> Answer:
    from asyncio import sleep

    try:
        refused = await _in_thread(collection.begin)
        if refused is not None:
            return refused
        await sleep(collection.seconds)
        return await _in_thread(collection.finish)
    finally:
        collection.cancel()


async def _in_thread(fn: Callable[[], T]) -> T:
    from asyncio import get_running_loop

    loop = get_running_loop()
    future = loop.create_future()

    def deliver(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return  # whoever waited has left
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)

    def run() -> None:
        value, failure = None, None
        try:
            value = fn()
        except BaseException as error:  # noqa: BLE001  # whoever waits gets it
            failure = error
        with suppress(RuntimeError):  # the loop was closed
            loop.call_soon_threadsafe(deliver, value, failure)

    start_new_thread(run, ())
    result: T = await future
    return result


def _sent(conn: Conn, answer: Answer) -> Conn:
    for name, value in answer.headers:
        conn = conn.put_resp_header(name, value)
    return conn.send_resp(answer.status, answer.body).halt()
