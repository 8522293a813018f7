"""Where a server listens: an address, a Unix socket, or a socket that somebody else has opened."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from collections.abc import Callable
from typing import Any, NamedTuple

from clearway.errors import ClearwayError
from clearway.gateway.config.addresses import Address
from clearway.http import Server

__all__ = ["InheritedSocket", "ListenError", "Place", "UnixSocket", "listen", "open_socket", "url_of"]

BACKLOG = 2048
_OTHER_ADDRESS = "choose another address: `listen` in the configuration, or --listen"
_HINTS = {
    errno.EADDRINUSE: f"stop the program that listens there, or {_OTHER_ADDRESS}",
    errno.EACCES: f"ports below 1024 need privileges; {_OTHER_ADDRESS}",
    errno.EADDRNOTAVAIL: f"this machine does not have that address; {_OTHER_ADDRESS}",
}
_FOR_ALL = 0o666  # a proxy in front often runs as somebody else


class ListenError(ClearwayError):
    """An address cannot be listened on."""


class UnixSocket(NamedTuple):
    """A Unix socket, by its path."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


class InheritedSocket(NamedTuple):
    """A listening socket that was open when the process began, by its number."""

    fd: int

    def __str__(self) -> str:
        return f"fd {self.fd}"


Place = Address | UnixSocket | InheritedSocket


async def listen(server: Server, place: Place) -> str:
    """Let `server` listen at `place`, and return where that is; raise `ListenError` if it cannot be."""
    if isinstance(place, Address):
        try:
            return str(Address(*await server.listen(*place)))  # a name may stand for several addresses
        except OSError as error:
            raise _refused(place, error) from error
    opened, name = open_socket(place)
    await server.listen_on(opened)
    return name


def open_socket(place: Place) -> tuple[socket.socket, str]:
    """Return a socket that is bound to `place`, and its name; raise `ListenError` if it cannot be.

    listener, name = open_socket(Address("127.0.0.1", 0))
    """
    try:
        opened = _OPEN[type(place)](place)
    except OSError as error:
        raise _refused(place, error) from error
    opened.setblocking(False)
    name = opened.getsockname()
    return opened, str(Address(name[0], name[1])) if isinstance(name, tuple) else f"unix:{name}"


def _open_address(place: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    return socket.create_server(place, family=family, backlog=BACKLOG)


def _open_unix(place: UnixSocket) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISSOCK(os.stat(place.path).st_mode):
            os.unlink(place.path)  # of one that ended before
    opened = socket.socket(socket.AF_UNIX)
    opened.bind(place.path)
    os.chmod(place.path, _FOR_ALL)
    return opened


def _open_inherited(place: InheritedSocket) -> socket.socket:
    return socket.socket(fileno=place.fd)


_OPEN: dict[type, Callable[[Any], socket.socket]] = {
    Address: _open_address,
    UnixSocket: _open_unix,
    InheritedSocket: _open_inherited,
}


def _refused(place: Place, error: OSError) -> ListenError:
    number = error.errno or 0
    reason = os.strerror(number) if number > 0 else str(error.strerror)  # below 0: a name was not found
    return ListenError(f"cannot listen on {place}: {reason.lower()}", hint=_HINTS.get(number, _OTHER_ADDRESS))


def url_of(listener: str) -> str:
    """Return how a listener that `listen` returned is shown to people."""
    return listener if listener.startswith("unix:") else f"http://{listener}"
