"""Files that are whole or not there, and folders that do not pile up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.pprof.black_box.files import write_whole
from clearway.pprof.black_box.folders import folder_for, remove_old


def test_a_file_is_written_for_its_owner_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "heap.pb.gz"

    write_whole(str(path), b"x" * 100_000)
    write_whole(str(path), b"y" * 100_000)

    assert path.read_bytes() == b"y" * 100_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["heap.pb.gz"]


def test_the_file_of_before_stays_when_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heap.pb.gz"
    write_whole(str(path), b"before")

    def full(fd: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(str(path), b"after")

    assert path.read_bytes() == b"before"


def test_a_folder_is_named_by_time_and_process() -> None:
    assert folder_for("/var/box", 123, 1_700_000_000.0) == "/var/box/20231114T221320Z-123"


def test_the_oldest_folders_of_processes_that_are_gone_are_removed(tmp_path: Path) -> None:
    gone, here = 4_194_305, os.getpid()  # one more than the kernel ever gives
    names = [f"2024010{day}T000000Z-{gone}" for day in range(1, 5)]
    for name in [*names, f"20240101T000000Z-{here}", "notes"]:
        (tmp_path / name).mkdir()

    remove_old(str(tmp_path), keep=2)

    assert sorted(os.listdir(tmp_path)) == sorted([*names[2:], f"20240101T000000Z-{here}", "notes"])
