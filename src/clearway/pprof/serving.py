"""Switching profiles on, and serving them."""

from __future__ import annotations

import atexit
import os
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from clearway.pprof.always_on import Rates, switch_on
from clearway.pprof.forked import is_copy

if TYPE_CHECKING:
    from clearway.pprof.web.guard import Guard
    from clearway.pprof.web.listening import Place
    from clearway.pprof.web.server import PprofServer

__all__ = ["Wanted", "start"]

NEXT_PORTS = 99  # that a child tries when its parent has the one that was asked for


def start(
    address: str = "127.0.0.1:6060",
    *,
    user: str = "",
    password: str = "",
    token: str = "",
    heap_period: int | None = None,
    block_rate: int | None = None,
    mutex_fraction: int | None = None,
    created_sites: bool | None = None,
    in_children: bool = False,
) -> PprofServer:
    """Serve the profiles of this process, from threads of their own.

        from clearway import pprof

        pprof.start("127.0.0.1:6060")       # go tool pprof http://127.0.0.1:6060/debug/pprof/heap

    It answers while the event loop is blocked. Heap sampling is switched on at its default rate.

    Options:
        address: `HOST:PORT`; `HOST:LOW-HIGH` for the first free port; `unix:/path.sock` for a socket that
            only its owner opens; `unix:/folder/` for a socket in it that is named by the process, `PID.sock`.
        user: With `password`, what clients have to send (Basic).
        password: See `user`.
        token: What clients have to send (Bearer); with a user too, either will do.
        heap_period: Mean bytes between two samples of the heap; 0 for no heap profile.
        block_rate: Mean nanoseconds of waiting between two samples of `block`; off unless given.
        mutex_fraction: One of so many contended locks is sampled for `mutex`; off unless given.
        created_sites: Whether tasks remember where they were created.
        in_children: Whether a forked child serves its own profiles as well, at the next free port or at the
            socket of its own name. Otherwise a child serves nothing until it calls `start`.

    Raises `ListenError` if the address is taken, or if other machines reach it and there are no credentials.
    The server ends with the process, or by `stop()`.
    """
    from clearway.pprof.web.guard import Credentials, Guard
    from clearway.pprof.web.listening import parse_place

    place = parse_place(address)
    has_credentials = bool(user or password or token)
    credentials = Credentials(user=user, password=password, token=token) if has_credentials else None
    guard = Guard(credentials, frozenset({place.host.lower()} - {""}))
    rates = Rates(heap_period, block_rate, mutex_fraction, created_sites)
    return _open(Wanted(place, guard, has_credentials, rates, in_children))


class Wanted(NamedTuple):
    """What `start` was asked for, as a forked child asks it again."""

    place: Place
    guard: Guard
    is_guarded: bool
    rates: Rates
    in_children: bool


_servers: list[tuple[PprofServer, Wanted]] = []


def _open(wanted: Wanted) -> PprofServer:
    from clearway.pprof.web.listening import bind
    from clearway.pprof.web.pages import Pages
    from clearway.pprof.web.server import PprofServer

    server = PprofServer(bind(wanted.place, is_guarded=wanted.is_guarded), Pages(), wanted.guard)
    _servers.append((server, wanted))
    _hook()
    switch_on(wanted.rates)
    return server


@cache
def _hook() -> None:
    """See to the end of the process and to its children, once."""
    atexit.register(_stop_all)
    os.register_at_fork(after_in_child=_begin_anew)


def _stop_all() -> None:
    for server, _ in _servers:
        server.stop()


def _begin_anew() -> None:
    """Forget, in a forked child, what serves its parent, and serve the child where that was asked for."""
    from clearway.pprof.web.talk import say_whether

    if is_copy():  # it ends when it has answered one question
        return
    inherited = _servers[:]
    _servers.clear()
    for server, wanted in inherited:
        is_stopped = server.is_stopped
        server.forget()
        if wanted.in_children and not is_stopped:
            again = wanted._replace(place=wanted.place.or_next(NEXT_PORTS))
            say_whether(wanted.place, partial(_open, again))
