"""A scheduler that one greedy task cannot stall: it interrupts between two awaits, where that is safe."""

from __future__ import annotations

from clearway.sched.critical import critical
from clearway.sched.errors import CpuLimitError, PreemptionUnavailableError, SchedError, SchedOptionError
from clearway.sched.preemptible import preemptible
from clearway.sched.runqueue import Priority, RunQueue
from clearway.sched.scheduler import Scheduler, SchedulerStatistics, active
from clearway.sched.usage import Usage

__all__ = [
    "CpuLimitError",
    "PreemptionUnavailableError",
    "Priority",
    "RunQueue",
    "SchedError",
    "SchedOptionError",
    "Scheduler",
    "SchedulerStatistics",
    "Usage",
    "active",
    "critical",
    "preemptible",
]
