"""Serving profiles: pages without a socket, and a server with threads of its own."""

from __future__ import annotations

from clearway.pprof.web.answer import Answer
from clearway.pprof.web.collection import Collection
from clearway.pprof.web.guard import Credentials, Guard
from clearway.pprof.web.pages import Pages, Request

__all__ = ["Answer", "Collection", "Credentials", "Guard", "Pages", "Request"]
