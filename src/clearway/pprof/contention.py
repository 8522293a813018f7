# Waits at locks, queues, conditions and events, as they are reported by the patched methods (patches.py).
#
# `block` is about those who wait: each wait, at the site that waited, when it is over.
#
# `mutex` is about those who let others wait: whoever gives a lock back while others wait is charged with what
# they waited since it was given back the last time. So each nanosecond of waiting is charged once, to the
# holder of that time, at the site that ended it. For this the waits at a lock are noted while they last.
#
# Sampling is Go's, and unbiased. block: a wait shorter than the rate is taken with the probability
# wait / rate, and then stands for rate nanoseconds in rate / wait waits. mutex: one release in `fraction` is
# taken, and stands for that many.
"""What is known of waiting while it is watched."""

from __future__ import annotations

import _thread
import os
import random
import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from types import CodeType, FrameType

from clearway.clock import Clock, monotonic
from clearway.pprof.delays import Delays, Wait
from clearway.pprof.stacks import DEEPEST, Spot

__all__ = ["WATCH", "Token", "Watch"]

_SUSPENDABLE = CO_COROUTINE | CO_ASYNC_GENERATOR | CO_GENERATOR
# Between a wait inside of another and that other one: Condition.wait takes its lock again.
_NESTED_WITHIN = 4


Token = list[float]
"""A wait: when it began, and since when nobody was charged with it."""


class Watch:
    """Rates, the waits that last, and what has been added up.

    Options:
        clock: Tells how long a wait lasts.
        chance: Gives numbers from 0 to 1, to choose samples by.
    """

    def __init__(self, clock: Clock = monotonic, chance: Clock | None = None) -> None:
        self.clock = clock
        self.block_rate = 0
        self.mutex_fraction = 0
        self.block = Delays()
        self.mutex = Delays()
        self._chance = chance or random.Random().random  # noqa: S311  (to choose samples, not secrets)
        self._waits: dict[int, dict[int, Token]] = {}  # those that last, by the ids of lock and token
        self._lock = _thread.RLock()
        self.ours: dict[int, CodeType] = {}  # the code of our waiting methods, to see one inside of another

    def wait_begins(self, lock: object | None = None) -> Token:
        """Return a token for `wait_ends`; with `lock`, note that somebody waits for it."""
        began = self.clock()
        token = [began, began]
        if lock is not None and self.mutex_fraction:
            with self._lock:
                self._waits.setdefault(id(lock), {})[id(token)] = token
        return token

    def wait_ends(self, token: Token, leaf: CodeType, lock: object | None = None) -> None:
        """Add a wait in `leaf` that is over, at the caller's caller."""
        if lock is not None and id(lock) in self._waits:
            self._forget(id(lock), token)
        wait = self._sampled((self.clock() - token[0]) * 1e9)
        if wait is not None:
            mine = sys._getframe(1)
            if not self._is_nested(mine):
                # The caller of a coroutine that is a task by itself is the loop: that is nobody's site.
                whole = not mine.f_code.co_flags & _SUSPENDABLE
                self.block.add([(leaf, 0), *_site(mine.f_back, whole=whole)], wait)

    def is_waited_for(self, lock: object) -> bool:
        """Tell whether somebody is known to wait for `lock`."""
        return id(lock) in self._waits

    def hand_over(self, lock: object, leaf: CodeType) -> None:
        """Charge the caller's caller, who gives `lock` back in `leaf`, with what others waited for it."""
        now = self.clock()
        waited = 0.0
        with self._lock:
            for token in self._waits.get(id(lock), {}).values():
                waited += now - token[1]
                token[1] = now
        fraction = self.mutex_fraction
        if waited and fraction and self._chance() * fraction < 1:
            caller = sys._getframe(2)
            site = _site(caller, whole=False) or _site(caller, whole=True)
            self.mutex.add([(leaf, 0), *site], Wait(fraction, waited * 1e9 * fraction))

    def begin_anew(self) -> None:
        """Forget, in the child of a fork, what other threads wait for and all that was added up."""
        self._waits.clear()
        self._lock = _thread.RLock()
        self.block.begin_anew()
        self.mutex.begin_anew()

    def _forget(self, lock: int, token: Token) -> None:
        with self._lock:
            waits = self._waits.get(lock, {})
            waits.pop(id(token), None)
            if not waits:
                self._waits.pop(lock, None)

    def _sampled(self, ns: float) -> Wait | None:
        rate = self.block_rate
        if not rate or ns <= 0:
            return None
        if ns >= rate:
            return Wait(1, ns)
        return Wait(rate / ns, rate) if self._chance() * rate < ns else None

    def _is_nested(self, mine: FrameType) -> bool:
        above = mine.f_back
        for _ in range(_NESTED_WITHIN):
            if above is None:
                break
            if id(above.f_code) in self.ours:
                return True
            above = above.f_back
        return False


def _site(frame: FrameType | None, *, whole: bool) -> list[Spot]:
    """Return where `frame` is; unless `whole`, up to where its task began and not on through the loop."""
    found: list[Spot] = []
    end = 0
    while frame is not None and len(found) <= DEEPEST:
        code = frame.f_code
        found.append((code, frame.f_lasti))
        if code.co_flags & _SUSPENDABLE:
            end = len(found)
        elif end and not whole:
            break
        frame = frame.f_back
    return found if whole else found[:end]


WATCH = Watch()
"""What this process watches."""

os.register_at_fork(after_in_child=WATCH.begin_anew)
