"""The black box, in processes that are killed: what it wrote is complete on the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clearway.pprof.proto import decode
from tests.integration.pprof.client import PATIENCE_S, until
from tests.integration.pprof.processes import CLEARWAY, FORKING, environment, ran, running, script

pytestmark = pytest.mark.slow

LEAK = """
import os, resource, signal, sys, time
from clearway import pprof

def leaking(count):
    return [bytearray(1024) for _ in range(count)]

def run(pause_s):
    kept = []
    while True:
        kept.append(leaking(128))
        time.sleep(pause_s)
"""


def folders(box: Path) -> list[Path]:
    return sorted(path for path in box.glob("*/at-*") if path.suffix != ".part")


def assert_names_the_culprit(folder: Path) -> None:
    """Say that the folder is complete: each file is whole, and the heap is the one that leaked."""
    assert not [*folder.rglob("*.part")]
    text = (folder / "summary.txt").read_text()
    heap = decode((folder / "heap.pb.gz").read_bytes())
    space = heap.index("inuse_space")
    held = sum(sample.values[space] for sample in heap.samples)
    leaked = sum(
        sample.values[space]
        for sample in heap.samples
        if any(frame.function == "leaking" for frame in sample.stack)
    )
    assert leaked > 0.8 * held > 50 << 20
    assert "leaking " in text


def kill_at(process: subprocess.Popen[bytes], rss: int) -> None:
    """Kill like the kernel: at once, and without a word, when memory is `rss`."""

    def resident() -> int:
        return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    until(lambda: process.poll() is not None or resident() > rss, "the limit")
    assert process.poll() is None
    process.kill()
    process.wait(PATIENCE_S)


def test_a_process_that_is_killed_at_its_limit_has_written_before(tmp_path: Path) -> None:
    path = script(tmp_path, LEAK + f"pprof.blackbox({str(tmp_path / 'box')!r}, '200MiB'); run(0.0005)")
    process = subprocess.Popen([sys.executable, path], env=environment(), stderr=subprocess.DEVNULL)

    kill_at(process, 300 << 20)

    assert process.returncode == -signal.SIGKILL
    for folder in folders(tmp_path / "box"):
        assert_names_the_culprit(folder)
    assert len(folders(tmp_path / "box")) >= 1


def test_a_process_that_gets_no_more_memory_has_written_before(tmp_path: Path) -> None:
    done = ran(sys.executable, script(tmp_path, LEAK + f"""
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (250 << 20),) * 2)
pprof.blackbox({str(tmp_path / 'box')!r}, "90%")
try:
    run(0)
except MemoryError:
    os.kill(os.getpid(), signal.SIGKILL)
"""))  # fmt: skip

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert_names_the_culprit(folders(tmp_path / "box")[0])
    assert "of address space" in (folders(tmp_path / "box")[0] / "summary.txt").read_text()


def test_a_death_that_nothing_announced_leaves_the_ring(tmp_path: Path) -> None:
    text = LEAK + f"pprof.blackbox({str(tmp_path / 'box')!r}, '50GiB', ring=3, ring_s=0.05); run(0.001)"
    process = subprocess.Popen([sys.executable, script(tmp_path, text)], env=environment())
    last = tmp_path / "box"
    until(lambda: any(path.name >= "heap-000006" for path in last.glob("*/heap-*.gz")), "the ring's turn")

    process.kill()
    process.wait(PATIENCE_S)

    ring = sorted(last.glob("*/heap-*.gz"))
    assert len(ring) in (3, 4)  # four between writing the new one and removing the oldest
    assert all(decode(path.read_bytes()).samples for path in ring)


def test_a_process_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    done = ran(sys.executable, "-X", "dev", script(tmp_path, f"""
from clearway import pprof
box = pprof.blackbox({str(tmp_path / 'box')!r}, "50GiB")
print(box.statistics().ring, box.statistics().written)
box.stop()
box.stop()
pprof.blackbox({str(tmp_path / 'box')!r}, 0.9)
"""))  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "1 0\n", "")
    assert list((tmp_path / "box").iterdir()) == []


def test_a_forked_child_leaves_its_parents_box_alone(tmp_path: Path) -> None:
    done = ran(*FORKING, script(tmp_path, f"""
import os
from clearway import pprof
box = pprof.blackbox({str(tmp_path / 'box')!r}, "50GiB")
if (pid := os.fork()) == 0:
    raise SystemExit  # which runs what was to be run at the end
os.waitpid(pid, 0)
print(os.path.isdir(box.folder))
"""))  # fmt: skip

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_full_disk_does_not_stop_the_program(tmp_path: Path) -> None:
    done = ran(sys.executable, script(tmp_path, f"""
import os, time, shutil
from clearway import pprof
box = pprof.blackbox({str(tmp_path / 'box')!r}, "40MiB", ring=1, ring_s=0.01)
shutil.rmtree(box.folder)
open(box.folder, "w").close()                       # nothing can be written below a file
kept = bytearray(60 << 20)
while not box.statistics().failed > 3:
    time.sleep(0.01)
print("runs on")
"""))  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "runs on\n"), done.stderr


def test_a_worker_that_nobody_edited_writes_before_it_is_killed(tmp_path: Path) -> None:
    path = script(tmp_path, LEAK + """
if (pid := os.fork()) == 0:
    run(0.0005)
print(pid, flush=True)
os.waitpid(pid, 0)
""")  # fmt: skip
    options = (
        "--pprof",
        f"unix:{tmp_path}/p/",
        "--blackbox",
        str(tmp_path / "box"),
        "--blackbox-at",
        "200MiB",
    )

    with running(*CLEARWAY, "exec", *options, "--", *FORKING, path) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        until(lambda: folders(tmp_path / "box"), "the writing")
        os.kill(worker, signal.SIGKILL)

    assert folders(tmp_path / "box")[0].parent.name.endswith(f"-{worker}")
    assert_names_the_culprit(folders(tmp_path / "box")[0])
