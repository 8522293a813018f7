"""Worker processes under a supervisor, with OTP's words."""

from __future__ import annotations

from clearway.sched.supervision.child import Link
from clearway.sched.supervision.plan import Limits
from clearway.sched.supervision.restarts import Strategy
from clearway.sched.supervision.supervisor import Supervisor, WorkersFailedError

__all__ = ["Limits", "Link", "Strategy", "Supervisor", "WorkersFailedError"]
