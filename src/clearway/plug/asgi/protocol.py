"""The words of ASGI 3 (https://asgi.readthedocs.io/en/stable/specs/www.html)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

__all__ = ["App", "Event", "Receive", "Scope", "Send"]

Scope = MutableMapping[str, Any]
"""What a server tells about a connection before its first event."""

Event = MutableMapping[str, Any]
"""A message between server and app; its `type` says which."""

Receive = Callable[[], Awaitable[Event]]
"""Waits for the server's next event."""

Send = Callable[[Event], Awaitable[None]]
"""Hands an event to the server."""

App = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI 3 application."""
