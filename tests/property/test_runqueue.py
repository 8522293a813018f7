"""Whatever comes and goes: the run queue loses nobody, lets nobody wait for ever, and is fair."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clearway.sched import Priority, RunQueue

KEYS = st.sampled_from(["a", "b", "c", None, ("/orders", "acme")])
USED = st.integers(min_value=0, max_value=50_000_000)
PRIORITIES = st.sampled_from(Priority)


class Comings(RuleBasedStateMachine):
    """Tasks come with any key, class and use, are taken out, and have their turn."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = RunQueue[int]()
        self.waiting: set[int] = set()
        self.born = 0

    @rule(key=KEYS, used=USED, priority=PRIORITIES)
    def push(self, key: object, used: int, priority: Priority) -> None:
        self.born += 1
        self.queue.push(self.born, key, priority, used)
        self.waiting.add(self.born)

    @rule(number=st.integers(min_value=0))
    def discard(self, number: int) -> None:
        chosen = sorted(self.waiting)[number % len(self.waiting)] if self.waiting else -1
        assert self.queue.discard(chosen) == (chosen in self.waiting)
        self.waiting.discard(chosen)

    @rule()
    def pop(self) -> None:
        popped = self.queue.pop()
        assert (popped is None) == (not self.waiting)
        if popped is not None:
            self.waiting.remove(popped)

    @invariant()
    def counts_those_that_wait(self) -> None:
        assert len(self.queue) == len(self.waiting)

    def teardown(self) -> None:
        while self.waiting:
            self.pop()
        assert self.queue.pop() is None


TestComings = Comings.TestCase


@given(
    weights=st.lists(st.integers(min_value=1, max_value=5), min_size=1, max_size=5),
    used=st.integers(min_value=1_000, max_value=20_000_000),
)
@settings(deadline=None)
def test_keys_that_always_want_more_get_shares_by_their_weights(weights: list[int], used: int) -> None:
    queue = RunQueue[int](weight_of=lambda key: float(weights[key]))  # type: ignore[index]
    for key in range(len(weights)):
        queue.push(key, key=key)

    turns: Counter[int] = Counter()
    for _ in range(100 * sum(weights)):
        key = queue.pop()
        assert key is not None
        turns[key] += 1
        queue.push(key, key=key, used_ns=used)

    assert all(abs(turns[key] - 100 * weight) <= len(weights) for key, weight in enumerate(weights))


@given(others=st.lists(st.tuples(KEYS, PRIORITIES), min_size=1, max_size=12))
@settings(deadline=None)
def test_however_urgent_the_others_are_a_low_task_has_its_turn(others: list[tuple[object, Priority]]) -> None:
    queue = RunQueue[int]()
    queue.push(-1, key="patient", priority=Priority.LOW)
    for number, (key, priority) in enumerate(others):
        queue.push(number, key, priority)

    waited = 0
    while (task := queue.pop()) != -1:
        assert task is not None
        waited += 1
        key, priority = others[task]
        queue.push(task, key, priority, used_ns=10_000_000)
        assert waited <= 8**3 * len(others)


@given(turns=st.integers(min_value=1, max_value=200))
def test_a_key_that_was_away_has_no_claim_on_what_it_did_not_use(turns: int) -> None:
    queue = RunQueue[str]()
    queue.push("away", key="away")
    queue.pop()
    for _ in range(turns):
        queue.push("busy", key="busy", used_ns=10)
        queue.pop()

    queue.push("away", key="away", used_ns=10)
    queue.push("busy", key="busy", used_ns=10)
    order = []
    for _ in range(6):
        task = queue.pop()
        assert task is not None
        order.append(task)
        queue.push(task, key=task, used_ns=10)

    assert 2 <= order.count("away") <= 4


def test_keys_that_are_gone_are_forgotten() -> None:
    queue = RunQueue[int]()
    for number in range(10_000):
        queue.push(number, key=f"tenant-{number}", used_ns=1_000)
        queue.pop()

    assert len(queue._classes[Priority.NORMAL]._virtual) < 200
    assert len(queue._classes[Priority.NORMAL]._heap) < 200
