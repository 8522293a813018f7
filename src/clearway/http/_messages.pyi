from collections.abc import Set
from typing import Any, Self

from clearway.http.head import Framing, Raw
from clearway.http.reader import Receiver
from clearway.plug import Conn, Headers
from clearway.plug.headers import RawHeaders

FRAMING: frozenset[bytes]
"""The fields that are kept apart: what a connection says about itself, for one hop only, and Expect."""

KNOWN_HOSTS: dict[bytes, str]
"""Values of Host that were found good, and the host in each; `head.py` writes and bounds it."""

class Gatherer:
    """Gathers the header lines that httptools finds."""

    @property
    def _lines(self) -> int:
        """Header lines gathered since the last `_take`."""

    def on_header(self, name: bytes, value: bytes, /) -> None:
        """Keep a header line (for httptools)."""

    def _take(self) -> tuple[Raw, list[bytes], Framing, int]:
        """Return fields, hosts, framing and the number of lines, and begin anew."""

class RequestGatherer(Gatherer):
    """Gathers requests, and reads plain heads.

    A subclass has `_read_head` and `_end_message`, for requests whose head is not plain.
    """

    _parser: Any
    _receiver: Receiver
    _blank: Conn
    _target: bytes
    _most_bytes: int
    _most_target_bytes: int
    _most_lines: int
    _fed: int
    _read: int
    _began: bool
    _ended: bool
    _muted: bool
    in_head: bool
    in_body: bool

    def _begin_read(self, size: int, /) -> None:
        """Note that `size` bytes are read next."""

    def on_url(self, piece: bytes, /) -> None:
        """Keep a piece of the target (for httptools)."""

    def on_headers_complete(self) -> None:
        """Read the head (for httptools)."""

    def on_message_complete(self) -> None:
        """End the request (for httptools)."""

_ResponseHead = tuple[int, Headers, int | None, bool, bool]

class ResponseHead(_ResponseHead):
    """A response head, made of its fields in this order."""

    def __new__(cls, fields: _ResponseHead, /) -> Self: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Headers:
        """The end-to-end fields; Content-Length only where it describes a body that is not sent."""

    @property
    def length(self) -> int | None:
        """Bytes of the body; None if they are not known beforehand."""

    @property
    def until_close(self) -> bool:
        """Only the end of the connection ends the body."""

    @property
    def keep_alive(self) -> bool:
        """The connection can take another request."""

class ResponseGatherer(Gatherer):
    """Gathers responses, and reads plain heads.

    A subclass has `_read_head`, for heads that are not plain.
    """

    _parser: Any
    _most_bytes: int
    _most_lines: int
    _expects_body: bool
    _head: ResponseHead | None
    _overhead: int
    _interim: int
    _seen: bool
    _complete: bool
    _whole: bool

    def on_headers_complete(self) -> None:
        """Read the head (for httptools)."""

    def on_message_begin(self) -> None:
        """Note what nobody asked for (for httptools)."""

    def on_body(self, piece: bytes, /) -> None:
        """Keep a piece of the body (for httptools)."""

    def on_message_complete(self) -> None:
        """Note the end of the final response (for httptools)."""

    def _received(self, size: int, /) -> None:
        """Note that `size` bytes came, of which it is to be seen what is body."""

    def _take_whole(self) -> bytes | None:
        """Return the body of a response that is complete and has no trailers; None of any other."""

    def _forget(self) -> None:
        """Be ready for the next response."""

    def _take_pieces(self) -> list[bytes]:
        """Return the pieces of the body that came."""

def write_lines(raw: RawHeaders, apart: Set[bytes], /) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return the lines of `raw` as on the wire, and a list of those whose name is in `apart`, unwritten."""
