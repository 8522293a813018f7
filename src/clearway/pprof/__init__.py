"""Profiles of a running Python service, as Go has them.

Import costs nothing that a service would notice: each profile is imported when it is first asked for.
"""

from __future__ import annotations

from clearway.pprof.collector import Collector, Recording
from clearway.pprof.errors import (
    BadParameterError,
    ListenError,
    PprofError,
    ProfileFormatError,
    ProfileInUseError,
    UnavailableError,
)
from clearway.pprof.label import Labels, current_labels, labels, set_labels, with_labels
from clearway.pprof.profile import Frame, Label, Profile, Sample, ValueType
from clearway.pprof.recorder import blackbox
from clearway.pprof.registry import lookup, names, register
from clearway.pprof.serving import start

__all__ = [
    "BadParameterError",
    "Collector",
    "Frame",
    "Label",
    "Labels",
    "ListenError",
    "PprofError",
    "Profile",
    "ProfileFormatError",
    "ProfileInUseError",
    "Recording",
    "Sample",
    "UnavailableError",
    "ValueType",
    "blackbox",
    "current_labels",
    "labels",
    "lookup",
    "names",
    "register",
    "set_labels",
    "start",
    "with_labels",
]
