"""Where memory stands and where it ends, read from what the kernel writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.pprof.black_box.gauge import Gauge, find_group, machine_bytes

HOST_PATH = "/docker/0123abcd"


def group(folder: Path, limit: str, used: int = 0, droppable: int = 0, version: int = 2) -> None:
    """Write a control group as the kernel shows it."""
    names, prefix = {
        1: (("memory.limit_in_bytes", "memory.usage_in_bytes"), "inactive_file 7\ntotal_"),
        2: (("memory.max", "memory.current"), ""),
    }[version]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\n{prefix}inactive_file {droppable}\nactive_file 9\n")


def test_the_lowest_limit_on_the_way_up_holds(tmp_path: Path) -> None:
    group(tmp_path / "a" / "b", "max")
    group(tmp_path / "a", "1000", used=900, droppable=150)
    group(tmp_path, "4000")

    found = find_group("0::/a/b\n", tmp_path)

    assert found is not None
    assert (found.limit, found.used()) == (1000, 750)


def test_version_1_is_read_as_well(tmp_path: Path) -> None:
    group(tmp_path / "memory" / "a", "5000", used=100, droppable=60, version=1)
    group(tmp_path / "memory", str((1 << 63) - 4096), version=1)

    found = find_group("5:cpu,cpuacct:/a\n4:memory:/a\n0::/\n", tmp_path)

    assert found is not None
    assert (found.limit, found.used()) == (5000, 40)


@pytest.mark.parametrize("version", [1, 2])
def test_in_a_container_the_mount_is_the_group(tmp_path: Path, version: int) -> None:
    top = tmp_path if version == 2 else tmp_path / "memory"
    group(top, "5000", version=version)
    line = f"0::{HOST_PATH}\n" if version == 2 else f"4:memory:{HOST_PATH}\n"

    found = find_group(line, tmp_path)

    assert found is not None
    assert found.limit == 5000


@pytest.mark.parametrize("memberships", ["", "0::/\n", "4:memory:/\n", "nonsense\n", "1:name=systemd:/\n"])
def test_without_a_limit_there_is_no_group(tmp_path: Path, memberships: str) -> None:
    group(tmp_path, "max")

    assert find_group(memberships, tmp_path) is None


def test_a_size_is_a_limit_of_the_process_itself() -> None:
    gauge = Gauge(limit=1 << 40)

    reading = gauge.read()
    gauge.close()

    assert 1 << 20 < reading.rss < machine_bytes()
    assert reading.share == reading.rss / (1 << 40)
    assert reading.limit == "1,048,576.0 MiB of memory"
