"""What connections need of the server that accepted them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from clearway.http.deadlines import Deadlines
from clearway.http.limits import ServerLimits
from clearway.plug import Plug, RequestError

if TYPE_CHECKING:
    from clearway.http.connection import ServerConnection

__all__ = ["Acceptor"]


class Acceptor(Protocol):
    """What a connection needs of the server that accepted it."""

    plug: Plug
    limits: ServerLimits
    deadlines: Deadlines
    closing: bool  # it drains: answers close their connections

    def connection_opened(self, connection: ServerConnection) -> bool:
        """Count the connection; False if there are too many."""

    def connection_closed(self, connection: ServerConnection) -> None:
        """Forget the connection."""

    def request_refused(self, peer: tuple[str, int] | None, refusal: RequestError) -> None:
        """Count and log what was refused before any plug saw it."""
