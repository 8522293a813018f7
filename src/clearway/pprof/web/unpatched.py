"""Threads, locks and sockets as Python made them, in a process in which gevent has replaced them.

gevent's would run in the very loop that we are to look at, and can wait in the thread alone that made them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__all__ = ["unpatched"]


def unpatched(module: str, name: str) -> Any:
    """Return what a module of the standard library holds, or held before gevent came."""
    monkey = sys.modules.get("gevent.monkey")
    return getattr(import_module(module), name) if monkey is None else monkey.get_original(module, name)
