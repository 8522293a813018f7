"""The Prometheus text format, version 0.0.4."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["CONTENT_TYPE", "head", "labels", "number", "sample"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


def head(name: str, kind: str, meaning: str) -> str:
    """Return the two lines that introduce a metric."""
    return f"# HELP {name} {meaning.translate(_HELP_ESCAPES)}\n# TYPE {name} {kind}\n"


def labels(pairs: Iterable[tuple[str, str]]) -> str:
    """Return label pairs as they stand inside the braces."""
    return ",".join([f'{name}="{value.translate(_LABEL_ESCAPES)}"' for name, value in pairs])


def sample(name: str, label_text: str, value: float) -> str:
    """Return one line: a metric's value."""
    return f"{name}{{{label_text}}} {number(value)}\n" if label_text else f"{name} {number(value)}\n"


def number(value: float) -> str:
    """Return a number as Prometheus writes it."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
