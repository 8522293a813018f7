"""Real processes: killed, hanging, replaced and stopped while somebody asks."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

PROGRAM = [sys.executable, "-m", "tests.integration.sched.served"]


class Service:
    """The program, running."""

    def __init__(self, workers: int, mode: str = "serve") -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, str(workers), mode], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def ask(self, what: str = "who", timeout: float = 5.0) -> int:
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(what.encode() + b"\n")
            return int(connection.makefile().readline())

    def seen(self, until: int, seconds: float = 10.0) -> set[int]:
        """Ask until `until` different workers have answered."""
        found: set[int] = set()
        deadline = time.monotonic() + seconds
        while len(found) < until and time.monotonic() < deadline:
            found.add(self.ask())
        return found

    def signal(self, number: int) -> None:
        self.process.send_signal(number)


@contextlib.contextmanager
def service(workers: int) -> Iterator[Service]:
    running = Service(workers)
    try:
        yield running
    finally:
        running.process.terminate()
        try:
            running.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            running.process.kill()
            raise


@pytest.mark.slow
def test_several_workers_serve_one_address() -> None:
    with service(2) as running:
        assert len(running.seen(2)) == 2


@pytest.mark.slow
def test_a_killed_worker_is_replaced_within_a_second_and_nobody_else_notices() -> None:
    with service(2) as running:
        victim, other = running.seen(2)
        os.kill(victim, signal.SIGKILL)

        begun = time.monotonic()
        found: set[int] = set()
        while len(found - {victim, other}) == 0 and time.monotonic() < begun + 5:
            found.add(running.ask())
        assert found - {victim, other}
        assert time.monotonic() - begun < 1.0


@pytest.mark.slow
def test_a_worker_that_hangs_says_where_and_is_replaced() -> None:
    with service(1) as running:
        victim = running.ask()
        with pytest.raises((OSError, ValueError)):
            running.ask("hang")

        assert running.ask(timeout=10) != victim
        running.signal(signal.SIGTERM)
        _, said = running.process.communicate(timeout=15)
        assert "time.sleep(60)" in said or "in answer" in said


@pytest.mark.slow
def test_a_rolling_restart_refuses_and_breaks_nothing() -> None:
    with service(2) as running:
        before = running.seen(2)
        failures: list[BaseException] = []
        asked = 0
        done = threading.Event()

        def keep_asking() -> None:
            nonlocal asked
            while not done.is_set():
                try:
                    running.ask()
                    asked += 1
                except BaseException as error:  # noqa: BLE001  # told to the test's own thread
                    failures.append(error)

        askers = [threading.Thread(target=keep_asking) for _ in range(4)]
        for asker in askers:
            asker.start()
        running.signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while before & {running.ask() for _ in range(20)} and time.monotonic() < deadline:
            pass
        done.set()
        for asker in askers:
            asker.join()
        assert failures == []
        assert asked > 50
        assert not before & running.seen(2)


@pytest.mark.slow
def test_what_is_in_flight_ends_before_a_stop() -> None:
    with service(1) as running:
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(running.ask("slow")))
        asking.start()
        time.sleep(0.2)
        running.signal(signal.SIGTERM)
        asking.join()
        assert running.process.wait(timeout=10) == 0
        assert len(answers) == 1


@pytest.mark.slow
def test_workers_that_cannot_start_are_given_up_with_a_reason() -> None:
    failing = subprocess.run(
        [*PROGRAM, "1", "crash"], capture_output=True, text=True, timeout=30, check=False
    )

    assert failing.returncode == 3
    assert "this worker cannot start" in failing.stderr
    assert "workers ended 6 times" in failing.stderr
