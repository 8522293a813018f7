"""What can go wrong with the scheduler."""

from __future__ import annotations

from clearway.errors import ClearwayError

__all__ = ["CpuLimitError", "PreemptionUnavailableError", "SchedError", "SchedOptionError"]


class SchedError(ClearwayError):
    """The root of sched's errors."""


class SchedOptionError(SchedError):
    """Whoever configured the scheduler asked for what does not exist or is out of range."""


class PreemptionUnavailableError(SchedError):
    """The process at hand cannot preempt; the text says why."""


class CpuLimitError(SchedError):
    """A task used more of the processor than it may."""

    status = 503

    def __init__(self, task: str, limit_ns: int) -> None:
        super().__init__(f"{task} used more than {limit_ns / 1e6:g} ms of the processor")
