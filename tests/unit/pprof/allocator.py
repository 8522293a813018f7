"""Python's allocators themselves, by ctypes: blocks of exactly the size that a test asks for."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

__all__ = ["DOMAINS", "Domain", "without_the_gil"]

_WHOLE = ctypes.CDLL(None)  # its calls release the GIL, those of `pythonapi` hold it


class Domain:
    """One of the domains: `raw`, `mem` or `obj`."""

    def __init__(self, prefix: str, library: ctypes.CDLL = ctypes.pythonapi) -> None:
        def function(name: str, *arguments: type) -> Callable[..., int | None]:
            found = library[f"{prefix}{name}"]  # not getattr: that would share the prototype
            found.argtypes, found.restype = arguments, ctypes.c_void_p
            return found

        self.malloc = function("Malloc", ctypes.c_size_t)
        self.calloc = function("Calloc", ctypes.c_size_t, ctypes.c_size_t)
        self.realloc = function("Realloc", ctypes.c_void_p, ctypes.c_size_t)
        self.free = function("Free", ctypes.c_void_p)


DOMAINS = {"raw": "PyMem_Raw", "mem": "PyMem_", "obj": "PyObject_"}


def without_the_gil() -> Domain:
    """Return the raw domain, whose functions are called without the GIL."""
    return Domain("PyMem_Raw", _WHOLE)
