"""What can go wrong with profiles, by whose fault it is."""

from __future__ import annotations

from clearway.errors import ClearwayError

__all__ = [
    "BadParameterError",
    "ListenError",
    "PprofError",
    "ProfileFormatError",
    "ProfileInUseError",
    "UnavailableError",
]


class PprofError(ClearwayError):
    """The root of pprof's errors."""


class BadParameterError(PprofError):
    """Whoever asked named something that does not exist, or a value out of range."""

    status = 400


class ProfileInUseError(PprofError):
    """Somebody else records this profile, and only one can."""

    status = 409


class ProfileFormatError(PprofError):
    """A file or an answer is not a profile."""


class ListenError(PprofError):
    """Profiles cannot be served at an address: it is none, is taken, or lacks credentials."""


class UnavailableError(PprofError):
    """The process at hand cannot collect the profile, now or at all; the text says why."""

    status = 503
