"""Where a profile comes from: a file, a running service, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from clearway.errors import ClearwayError

if TYPE_CHECKING:
    from clearway.pprof import Profile

__all__ = ["SourceError", "for_seconds", "load", "name_of_source", "read"]


class SourceError(ClearwayError):
    """A profile could not be read."""


def load(source: str, seconds: float | None, headers: Sequence[tuple[str, str]]) -> Profile:
    """Return the profile that `source` names."""
    from clearway.pprof import ProfileFormatError
    from clearway.pprof.fetch import fetch, is_address
    from clearway.pprof.proto import decode

    if is_address(source):
        data = fetch(for_seconds(source, seconds), headers=dict(headers))
    else:
        data = sys.stdin.buffer.read() if source == "-" else read(Path(source))
    try:
        return decode(data)
    except ProfileFormatError as error:
        hint = "without debug= a service answers with the profile itself" if "debug=" in source else ""
        raise SourceError(f"{name_of_source(source)}: {error}", hint=hint) from error


def read(path: Path) -> bytes:
    """Return the content of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def for_seconds(address: str, seconds: float | None) -> str:
    """Return an address that asks for so many seconds, whatever it asked for before."""
    if seconds is None:
        return address
    place, _, query = address.partition("#")[0].partition("?")
    others = [(key, value) for key, value in parse_qsl(query, True) if key != "seconds"]
    return f"{place}?{urlencode([*others, ('seconds', f'{seconds:g}')])}"


def name_of_source(source: str) -> str:
    """Return what to call a source where people read it: without a password."""
    from clearway.pprof.fetch import is_address, read_address, shown

    if source == "-":
        return "standard input"
    return shown(read_address(source)) if is_address(source) else source
