"""What the kernel says of this process, split into what can be named and the rest."""

from __future__ import annotations

from pathlib import Path

from clearway.pprof.memory import Memory, read_memory

MIB = 1 << 20
ROLLUP = """55d0c0000000-7ffd00000000 ---p 00000000 00:00 0    [rollup]
Rss:              204800 kB
Pss:              200000 kB
Anonymous:        153600 kB
AnonHugePages:         0 kB
"""


def test_memory_is_split_into_what_is_named_and_the_rest(tmp_path: Path) -> None:
    (tmp_path / "rollup").write_text(ROLLUP)

    memory = read_memory(60 * MIB, 20 * MIB, tmp_path / "rollup")

    assert (memory.rss, memory.files) == (200 * MIB, 50 * MIB)
    assert memory.native == max((200 - 60 - 20 - 50) * MIB - memory.free, 0)  # what is free is this process's


def test_the_rest_is_never_less_than_nothing() -> None:
    assert Memory(rss=10, python=20, before=0, free=0, files=0).native == 0


def test_a_kernel_that_says_nothing_leaves_zeros(tmp_path: Path) -> None:
    memory = read_memory(5, rollup=tmp_path / "none")

    assert (memory.rss, memory.python, memory.files, memory.native) == (0, 5, 0, 0)


def test_this_process_is_known() -> None:
    memory = read_memory()

    assert memory.rss > memory.files > MIB
    assert str(memory).startswith(f"RSS {memory.rss / MIB:.1f} MiB: Python 0.0 MiB (sampled)")
