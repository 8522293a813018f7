"""A profile as a value: what every collector returns and every writer takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

__all__ = ["Coded", "Frame", "Label", "Profile", "Sample", "ValueType"]


class ValueType(NamedTuple):
    """What one number of a sample counts, and in which unit: `ValueType("inuse_space", "bytes")`."""

    type: str
    unit: str


class Frame(NamedTuple):
    """One line of a stack.

    Attributes:
        function: The qualified name, `Orders.load`.
        filename: As the code object has it.
        line: Being executed; 0 if unknown.
        start_line: Where the function begins; 0 if unknown.
    """

    function: str
    filename: str
    line: int
    start_line: int = 0


class Label(NamedTuple):
    """One key of a sample: text, or a number with its unit."""

    key: str
    value: str | int
    unit: str = ""


class Sample(NamedTuple):
    """One stack, leaf first, with one number for each of the profile's sample types."""

    stack: tuple[Frame, ...]
    values: tuple[int, ...]
    labels: tuple[Label, ...] = ()


@runtime_checkable
class Coded(Protocol):
    """Samples that a writer gets faster than by reading them: with what stands for their frames, joined."""

    def coded(
        self, code: Callable[[Frame], bytes]
    ) -> Iterable[tuple[bytes, tuple[int, ...], tuple[Label, ...]]]:
        """Yield stack, values and labels of each sample; `code` says once what stands for a frame."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A collected profile, in the terms of profile.proto.

        profile = lookup("heap").snapshot()
        held = sum(sample.values[profile.index("inuse_space")] for sample in profile.samples)

    Attributes:
        sample_types: What the numbers of each sample count, in their order.
        samples: Two of one stack and labels are allowed; readers add them up. A heap's are made anew each
            time that they are read (`for sample in profile.samples`): many at once would be a pause.
        period_type, period: Mean distance of two samples, for instance 524,288 bytes.
        time_ns: When it was taken, since the epoch.
        duration_ns: What time it covers; 0 for a moment.
        default_sample_type: Shown first, for instance `inuse_space`.
        comments: Shown to people: what is missing, what was lost.
    """

    sample_types: tuple[ValueType, ...]
    samples: Sequence[Sample]
    period_type: ValueType
    period: int
    time_ns: int
    duration_ns: int = 0
    default_sample_type: str = ""
    comments: tuple[str, ...] = ()

    def index(self, sample_type: str) -> int:
        """Return the place of a sample type in each sample's values; raise `KeyError` if there is none."""
        for place, each in enumerate(self.sample_types):
            if each.type == sample_type:
                return place
        raise KeyError(sample_type)
