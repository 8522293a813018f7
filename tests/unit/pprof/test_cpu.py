"""Recordings of CPU and wall time: one of a kind at a time, each with what happened while it ran."""

from __future__ import annotations

import threading
import time

import pytest

from clearway.pprof import BadParameterError, ProfileInUseError, _sampler, lookup
from clearway.pprof.cpu import Cpu, Wall


def busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize("kind", [Cpu, Wall])
@pytest.mark.parametrize("hz", [0, -1, 1001])
def test_a_rate_out_of_range_is_refused(kind: type[Cpu], hz: int) -> None:
    with pytest.raises(BadParameterError, match="1 to 1,000 samples"):
        kind(hz=hz)


@pytest.mark.parametrize("name", ["profile", "wall"])
def test_time_has_no_snapshot(name: str) -> None:
    with pytest.raises(BadParameterError, match="recorded over a time"):
        lookup(name).snapshot()


@pytest.mark.parametrize("kind", [Cpu, Wall])
def test_a_second_recording_of_a_kind_is_refused_whoever_asks(kind: type[Cpu]) -> None:
    first = kind().begin()

    with pytest.raises(ProfileInUseError, match="only one"):
        kind().begin()
    first.cancel()
    kind().begin().cancel()


def test_a_recording_that_ended_does_not_end_the_next_one() -> None:
    first = Cpu().begin()
    first.end()
    second = Cpu().begin()

    assert first.end().samples == ()
    first.cancel()
    assert (first.is_running, second.is_running) == (False, True)
    second.cancel()


def test_cpu_time_is_counted_where_it_is_used() -> None:
    recording = Cpu(hz=1000).begin()
    busy(0.1)
    profile = recording.end()

    here = [sample for sample in profile.samples if any(each.function == "busy" for each in sample.stack)]
    assert 0.06e9 <= sum(sample.values[1] for sample in here) <= 0.12e9
    assert profile.period == 1_000_000
    assert profile.duration_ns >= 0.1e9


@pytest.mark.slow
def test_a_wall_recording_begins_when_it_begins_though_cpu_time_was_recorded_before() -> None:
    cpu = Cpu().begin()
    busy(0.3)
    wall = Wall().begin()
    busy(0.1)
    profile = wall.end()
    cpu.cancel()

    mine = [
        sample
        for sample in profile.samples
        if ("thread", "MainThread") in {each[:2] for each in sample.labels}
    ]
    assert sum(sample.values[1] for sample in mine) <= profile.duration_ns + 20e6


@pytest.mark.slow
def test_wall_recordings_follow_each_other_while_cpu_time_is_recorded() -> None:
    done = threading.Event()
    sleeper = threading.Thread(target=done.wait)
    sleeper.start()
    cpu = Cpu().begin()
    for _ in range(10):
        wall = Wall(hz=1000).begin()
        busy(0.01)
        profile = wall.end()
        assert sum(sample.values[1] for sample in profile.samples) <= 2.5 * profile.duration_ns + 40e6
    cpu.cancel()
    done.set()
    sleeper.join()


def test_clocks_that_are_started_and_stopped_by_many_threads_end_each_time() -> None:
    begun: list[str] = []

    def again(kind: type[Cpu]) -> None:
        for _ in range(40):
            try:
                recording = kind(hz=1000).begin()
            except ProfileInUseError:
                continue
            begun.append(recording.end().default_sample_type)

    threads = [threading.Thread(target=again, args=(kind,)) for kind in (Cpu, Wall) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert not any(thread.is_alive() for thread in threads)
    assert {"cpu", "wall"} <= set(begun)


def test_numbers_that_the_tables_do_not_know_are_refused() -> None:
    for table in (_sampler.cpu_tables, _sampler.heap_tables):
        for read in (table.stack, table.location, table.labels):
            with pytest.raises(KeyError, match="no such"):
                read(2**64 - 2)
            with pytest.raises(OverflowError):
                read(-1)


@pytest.mark.parametrize("clock", [-1, 2])
def test_a_clock_that_is_none_is_refused(clock: int) -> None:
    with pytest.raises(ValueError, match="clock"):
        _sampler.clock_start(clock, 100)
    with pytest.raises(ValueError, match="clock"):
        _sampler.clock_stop(clock, 1)
    with pytest.raises(ValueError, match="clock"):
        _sampler.clock_recording(clock)
