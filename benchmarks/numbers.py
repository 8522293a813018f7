"""Percentiles, spreads and intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile: a value that was really measured."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


@dataclass(frozen=True)
class Spread:
    """The median of several rounds, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 0) -> str:
        """Return "median (low-high)"."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


# Student's t for 95 %, by degrees of freedom: from 1 to 30, then that of the normal distribution.
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_T95_MANY = 1.960


@dataclass(frozen=True)
class Interval:
    """A mean, and how far to each side the true one may be: 95 % of such intervals hold it."""

    mean: float
    half: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """Take each value as independent of the others; of a single one nothing is known."""
        free = len(values) - 1
        if free < 1:
            return cls(values[0], math.inf)
        t = _T95[free - 1] if free <= len(_T95) else _T95_MANY
        return cls(statistics.fmean(values), t * statistics.stdev(values) / math.sqrt(len(values)))

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half

    def percent(self, digits: int = 1) -> str:
        """Return a share as "+1.2 % ± 0.5"."""
        return f"{100 * self.mean:+.{digits}f} % ± {100 * self.half:.{digits}f}"
