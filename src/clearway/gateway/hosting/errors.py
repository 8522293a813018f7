"""What can go wrong with a hosted app, named by whose fault it is."""

from __future__ import annotations

from clearway.errors import ClearwayError

__all__ = ["AppError", "AppImportError", "AppStartError"]


class AppError(ClearwayError):
    """An ASGI app broke the protocol: the fault is in the app."""


class AppImportError(AppError):
    """The app cannot be found or imported, or what was found is no ASGI 3 app."""


class AppStartError(AppError):
    """The app's own start-up failed: the text is the app's."""
