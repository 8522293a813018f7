"""Where profiles are served: addresses as people write them, and the sockets for them."""

from __future__ import annotations

import errno
import os
import re
import socket as sockets
from contextlib import suppress
from socket import AF_INET, AF_INET6, AF_UNIX, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET
from stat import S_ISSOCK
from typing import TYPE_CHECKING, NamedTuple

from clearway.pprof.errors import ListenError
from clearway.pprof.web.unpatched import unpatched

if TYPE_CHECKING:
    from socket import socket
else:
    socket = unpatched("socket", "socket")

__all__ = ["Bound", "Place", "bind", "check_place", "parse_place"]

_PLACE = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<low>[0-9]{1,5})(?:-(?P<high>[0-9]{1,5}))?"
)
_SOCKET_OF_A_PROCESS = re.compile(r"([0-9]+)\.sock")
_FORMS = 'as in "127.0.0.1:6060", "127.0.0.1:6060-6069", "unix:/run/app/pprof.sock" or "unix:/tmp/pprof/"'


class Place(NamedTuple):
    """Where to listen: a host with the first and the last port, or a path.

    Attributes:
        host: Empty for a path.
        low, high: Ports; the first free one is taken.
        path: A socket's file, or a folder that ends in a slash.
    """

    host: str = ""
    low: int = 0
    high: int = 0
    path: str = ""

    @property
    def text(self) -> str:
        """The place as people write it."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.low}" if self.low == self.high else f"{host}:{self.low}-{self.high}"

    def or_next(self, count: int) -> Place:
        """Return the place that also takes one of the next `count` ports; the same for other kinds."""
        if self.path or self.low != self.high or self.low == 0:
            return self
        return self._replace(high=min(self.low + count, 65535))


class Bound(NamedTuple):
    """A socket that listens, and what it is called.

    Attributes:
        listener: The socket.
        address: `127.0.0.1:6060` or `unix:/tmp/pprof/123.sock`.
        url: The index page.
        path: The socket's file, or empty.
    """

    listener: socket
    address: str
    url: str
    path: str = ""


def parse_place(text: str) -> Place:
    """Return the place that `text` names; raise `ListenError` that says how one is written."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path.startswith("/"):
            raise ListenError(f"{text!r} names no socket", hint=f"write the whole path, {_FORMS}")
        return Place(path=f"{path}/" if os.path.isdir(path) and not path.endswith("/") else path)
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ListenError(f"{text!r} is no address", hint=_FORMS)
    low, high = int(found["low"]), int(found["high"] or found["low"])
    if not low <= high <= 65535:
        raise ListenError(f"{text!r} names no port", hint="ports go from 0 to 65535, the lower one first")
    return Place(found["v6"] or found["host"], low, high)


def bind(place: Place, *, is_guarded: bool = False, pid: int | None = None) -> Bound:
    """Listen at `place`; raise `ListenError` if that is not possible.

    Other machines reach only what is guarded by credentials: anything else is refused.
    """
    if place.path:
        return _bind_path(place.path, os.getpid() if pid is None else pid)
    family, address = check_place(place, is_guarded=is_guarded)
    failed = 0
    for port in range(place.low, place.high + 1):
        listener = socket(family, SOCK_STREAM)
        try:
            listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            listener.bind((address, port))
            listener.listen(64)
        except OSError as error:
            listener.close()
            failed = error.errno or 0
            continue
        name = f"[{address}]" if family == AF_INET6 else address
        bound = f"{name}:{listener.getsockname()[1]}"
        return Bound(listener, bound, f"http://{bound}/debug/pprof/")
    ports = f"{place.low}" if place.low == place.high else f"{place.low}-{place.high}"
    raise ListenError(
        f"cannot listen on {place.host}:{ports}: {os.strerror(failed).lower()}",
        hint="choose another port, or a range of them as in 127.0.0.1:6060-6069",
    )


def check_place(place: Place, *, is_guarded: bool) -> tuple[int, str]:
    """Return the family and the address of a place; raise `ListenError` if it must not be served."""
    if place.path:
        return AF_UNIX, place.path
    family, address = _resolve(place)
    if not is_guarded and not is_loopback(address):
        raise ListenError(
            f"other machines can reach {place.host}, and profiles need credentials there",
            hint="give a user and a password, or a token; or listen on 127.0.0.1",
        )
    return family, address


def _resolve(place: Place) -> tuple[int, str]:
    try:
        found = sockets.getaddrinfo(place.host, place.low, type=SOCK_STREAM, flags=sockets.AI_PASSIVE)
    except OSError as error:
        raise ListenError(f"{place.host!r} is not to be found: {error.strerror or error}") from error
    family, _, _, _, address = found[0]
    return family, str(address[0])


def is_loopback(address: str) -> bool:
    """Tell whether only this machine reaches an IP address."""
    for family, prefix in ((AF_INET, b"\x7f"), (AF_INET6, b"\0" * 15 + b"\x01")):
        with suppress(OSError, ValueError):
            return sockets.inet_pton(family, address.partition("%")[0]).startswith(prefix)
    return False


def _bind_path(path: str, pid: int) -> Bound:
    try:
        if path.endswith("/"):
            os.makedirs(path, mode=0o700, exist_ok=True)
            remove_stale(path)
            path = f"{path}{pid}.sock"
        if os.path.lexists(path) and not _is_dead(path):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        return Bound(_listen_at(path, f"{path}.{pid}"), f"unix:{path}", f"unix:{path}", path)
    except OSError as error:
        raise ListenError(
            f"cannot listen on unix:{path}: {(error.strerror or str(error)).lower()}",
            hint="the folder has to be there and writable, and a path may have about 90 characters",
        ) from error


def _listen_at(path: str, before: str) -> socket:
    """Listen under a passing name and then move to `path`, so that whoever finds it there can connect."""
    listener = socket(AF_UNIX, SOCK_STREAM)
    try:
        with suppress(FileNotFoundError):
            os.unlink(before)
        listener.bind(before)
        os.chmod(before, 0o600)  # before it listens, so that nobody else has ever connected
        listener.listen(64)
        os.rename(before, path)
    except OSError:
        listener.close()
        raise
    return listener


def remove_stale(folder: str) -> None:
    """Remove the sockets in `folder` of processes that are gone."""
    for entry in os.listdir(folder):
        if _SOCKET_OF_A_PROCESS.fullmatch(entry) and _is_dead(f"{folder}{entry}"):
            with suppress(OSError):
                os.unlink(f"{folder}{entry}")


def _is_dead(path: str) -> bool:
    """Tell whether `path` is a socket that nobody listens on: only then is it ours to replace."""
    with socket(AF_UNIX, SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        try:
            if S_ISSOCK(os.stat(path).st_mode):
                probe.connect(path)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False
