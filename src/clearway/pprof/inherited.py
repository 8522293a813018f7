# Profiles for programs that cannot be edited.
#
# `clearway exec` puts two things into the environment: what to do (the variables below), and on PYTHONPATH
# the folder `bootstrap`, whose sitecustomize every Python below imports before anything of the program, and
# which calls `begin`. So children and grandchildren serve as well. Nothing here may stop the program.
"""Serving profiles because the environment says so."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

from clearway.pprof.errors import BadParameterError

__all__ = [
    "ADDRESS",
    "BLACKBOX",
    "BLACKBOX_AT",
    "BOOTSTRAP",
    "HEAP_PERIOD",
    "TOKEN",
    "USER",
    "begin",
    "options",
    "put_bootstrap",
]

ADDRESS = "CLEARWAY_PPROF"
TOKEN = "CLEARWAY_PPROF_TOKEN"  # noqa: S105  # the name of the variable
USER = "CLEARWAY_PPROF_USER"  # NAME:PASSWORD
HEAP_PERIOD = "CLEARWAY_PPROF_HEAP_PERIOD"
BLACKBOX = "CLEARWAY_BLACKBOX"
BLACKBOX_AT = "CLEARWAY_BLACKBOX_AT"
BOOTSTRAP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap")

# A process of Python's own that outlives nobody and runs nothing of the program.
_NOT_WORTH_IT = "from multiprocessing.resource_tracker import main"


_begun: set[int] = set()  # processes: a line in site-packages and `sitecustomize` may both call


def begin(environ: Mapping[str, str] = os.environ) -> None:
    """Serve profiles where the environment asks for it, once, and never fail."""
    if os.getpid() in _begun:
        return
    _begun.add(os.getpid())
    if any(each.startswith(_NOT_WORTH_IT) for each in sys.orig_argv):
        return
    if environ.get(ADDRESS):
        _serve(environ[ADDRESS], environ)
    if environ.get(BLACKBOX):
        _record(environ[BLACKBOX], environ)


def _record(directory: str, environ: Mapping[str, str]) -> None:
    from clearway.errors import ClearwayError
    from clearway.pprof.recorder import blackbox
    from clearway.pprof.web.talk import say

    try:
        blackbox(directory, environ.get(BLACKBOX_AT, "80%"), in_children=True)
    except (ClearwayError, OSError, ValueError) as error:
        say(f"process {os.getpid()} has no black box: {error}")


def _serve(address: str, environ: Mapping[str, str]) -> None:
    from clearway.errors import ClearwayError
    from clearway.pprof.serving import NEXT_PORTS, start
    from clearway.pprof.web.listening import parse_place
    from clearway.pprof.web.talk import say, say_whether

    try:
        place, named = parse_place(address), options(environ)
    except (ClearwayError, ValueError) as error:
        say(f"process {os.getpid()} serves no profiles: {error}")
        return
    text = place.or_next(NEXT_PORTS).text
    say_whether(place, lambda: start(text, in_children=True, **named))


def options(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `start` that the environment gives; or raise `BadParameterError`."""
    found: dict[str, Any] = {}
    if TOKEN in environ:
        found["token"] = environ[TOKEN]
    if USER in environ:
        found["user"], _, found["password"] = environ[USER].partition(":")
        if not (found["user"] and found["password"]):
            raise BadParameterError(f"{USER} has to be NAME:PASSWORD")
    if HEAP_PERIOD in environ:
        if not environ[HEAP_PERIOD].isdecimal():
            raise BadParameterError(f"{HEAP_PERIOD} has to be a number of bytes")
        found["heap_period"] = int(environ[HEAP_PERIOD])
    return found


def put_bootstrap(environ: MutableMapping[str, str]) -> None:
    """Let every Python that is started with `environ` call `begin`."""
    others = [each for each in environ.get("PYTHONPATH", "").split(os.pathsep) if each and each != BOOTSTRAP]
    environ["PYTHONPATH"] = os.pathsep.join([BOOTSTRAP, *others])
