"""From `module:attr` to an ASGI 3 app."""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import sys
from pathlib import Path
from typing import Any

from clearway.gateway.hosting.errors import AppImportError
from clearway.plug.asgi import App

__all__ = ["check_name", "check_takes_asgi_3", "load_app"]

log = logging.getLogger("clearway.gateway")

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def check_name(name: str) -> str:
    """Return `name` if it says MODULE:ATTRIBUTE; raise `AppImportError` if it does not."""
    if not _NAME.fullmatch(name):
        raise AppImportError(
            f"{name!r} does not name an app", hint='write MODULE:ATTRIBUTE, as in "shop.main:app"'
        )
    return name


def load_app(name: str, *, factory: bool = False, folder: Path | None = None) -> App:
    """Import the app that `name` names.

        app = load_app("shop.main:app")

    Options:
        factory: `name` is of a function without arguments, which returns the app.
        folder: Where to look first; it is put in front of `sys.path`.

    Raises `AppImportError`; what the app's own code raises while it is imported is logged with its traceback.
    """
    module, _, attributes = check_name(name).partition(":")
    if folder is not None and str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
    found = _imported(module)
    for attribute in attributes.split("."):
        try:
            found = getattr(found, attribute)
        except AttributeError as error:
            raise AppImportError(f"the module {module} has no {attributes!r}") from error
    if factory:
        found = _made(found, name)
    check_takes_asgi_3(found, name)
    app: App = found
    return app


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise _broken(f"importing {module} failed", error) from error
        raise AppImportError(
            f"there is no module {error.name!r}", hint="--app-dir names the folder to import from"
        ) from error
    except Exception as error:
        raise _broken(f"importing {module} failed", error) from error


def _made(factory: Any, name: str) -> Any:
    try:
        return factory()
    except Exception as error:
        raise _broken(f"the factory {name} failed", error) from error


def _broken(what: str, error: Exception) -> AppImportError:
    log.error("%s", what, exc_info=error)
    return AppImportError(f"{what}: {type(error).__name__}: {error}")


def check_takes_asgi_3(app: Any, name: str) -> None:
    """Raise `AppImportError` unless `app` can be called as ASGI 3 says: with scope, receive and send."""
    if not callable(app):
        raise AppImportError(f"{name} is {app!r}, which cannot be called", hint="an ASGI app is callable")
    try:
        takes = inspect.signature(app)
    except (TypeError, ValueError):
        return  # C code may have none; the first request will tell
    if _binds(takes, 3):
        return
    for count, what, hint in _OTHERS:
        if _binds(takes, count):
            raise AppImportError(f"{name} {what}", hint=hint)
    raise AppImportError(f"{name} takes {takes}", hint="an ASGI 3 app takes (scope, receive, send)")


_OTHERS = (
    (
        1,
        "is an ASGI 2 app: it takes a scope alone",
        "wrap it: app = asgiref.compatibility.guarantee_single_callable(app)",
    ),
    (2, "looks like a WSGI app: it takes two arguments", "wrap it: app = a2wsgi.WSGIMiddleware(app)"),
    (0, "takes no arguments", "if it is a function that makes the app, say --factory, or `factory = true`"),
)


def _binds(takes: inspect.Signature, count: int) -> bool:
    try:
        takes.bind(*range(count))
    except TypeError:
        return False
    return True
