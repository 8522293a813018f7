"""Many bytes in one direction: who sends them, who takes them, how far they are."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = [
    "PATIENCE_S",
    "SIZE",
    "Flood",
    "Taker",
    "listening",
    "peak_kb",
    "read_head",
    "resident_kb",
    "wait_until_still",
]

SIZE = 200 * 1024 * 1024
_PIECE = bytes(range(256)) * 1024
PATIENCE_S = 30


class Flood:
    """Sends `SIZE` bytes to a socket, in a thread.

    Attributes:
        sent: Bytes that the kernel has taken.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sent = 0
        self._sock = sock
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while self.sent < SIZE:
                self.sent += self._sock.send(_PIECE[self.sent % len(_PIECE) :])

    def finish(self) -> None:
        """Wait until all is sent."""
        self._thread.join(PATIENCE_S)

    @staticmethod
    def digest() -> str:
        """The digest of what is sent."""
        taken = hashlib.sha256()
        for _ in range(SIZE // len(_PIECE)):
            taken.update(_PIECE)
        return taken.hexdigest()


class Taker:
    """Takes bytes from a socket and digests them."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._digest = hashlib.sha256()
        self.taken = 0

    def take(self, size: int) -> Taker:
        """Take `size` bytes."""
        end = self.taken + size
        while self.taken < end:
            data = self._sock.recv(min(1 << 20, end - self.taken))
            assert data, f"the connection ended after {self.taken} bytes"
            self._digest.update(data)
            self.taken += len(data)
        return self

    def digest(self) -> str:
        """The digest of what was taken."""
        return self._digest.hexdigest()


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept one connection, and do with it what `serve` does, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.close()
        thread.join(PATIENCE_S)


def read_head(sock: socket.socket) -> bytes:
    """Read up to the empty line, and not one byte more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    return head


def wait_until_still(progress: Callable[[], int]) -> int:
    """Wait until `progress` does not change for half a second, and return it."""
    last, since = progress(), time.monotonic()
    while time.monotonic() - since < 0.5:
        time.sleep(0.02)
        if progress() != last:
            last, since = progress(), time.monotonic()
    return last


def resident_kb(pid: int) -> int:
    """Return how much memory a process has now."""
    return _status(pid, "VmRSS")


def peak_kb(pid: int) -> int:
    """Return how much memory a process has had at most."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
