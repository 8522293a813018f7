"""A live service, read by `clearway pprof` and by the real `go tool pprof`: both see the same."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clearway.pprof.proto import decode
from tests.integration.pprof.processes import CLEARWAY, ran, running, script
from tests.profiles.gopprof import BYTES, rows

SERVICE = """
import threading, time
from clearway import pprof

kept = []

def orders():
    kept.append([str(n) for n in range(100_000, 200_000)])

def users():
    kept.append([bytes(2_000) for _ in range(5_000)])

def tick():
    while True:
        kept.append(bytearray(20_000))
        time.sleep(0.002)

server = pprof.start("127.0.0.1:0", heap_period=4_096)
with pprof.labels(tenant="acme"):
    orders()
with pprof.labels(tenant="globex"):
    users()
print(server.url, flush=True)
input()
threading.Thread(target=tick, daemon=True).start()
print("ticking", flush=True)
input()
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[str, object]]:
    """A service that holds some memory, and its address; a line on its input makes it hold ever more."""
    with running(sys.executable, script(tmp_path, SERVICE)) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().rstrip("/")
        yield url.removesuffix("/debug/pprof"), process


def top(*args: str) -> str:
    done = ran(*CLEARWAY, "pprof", "top", *args)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def go_top(tmp_path: Path, *args: str) -> str:
    go = shutil.which("go")
    assert go is not None
    done = ran(go, "tool", "pprof", "-top", *BYTES, *args, HOME=str(tmp_path), PPROF_TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_who_holds_memory_is_seen_by_tenant(service: tuple[str, object]) -> None:
    heap = f"{service[0]}/debug/pprof/heap"

    everything = top(heap)
    assert "Type: inuse_space\n" in everything
    assert "  users " in everything
    assert "  orders" in everything

    acme = top(heap, "--tag", "tenant=acme")
    assert "  orders" in acme
    assert "  users " not in acme


@pytest.mark.peers("go")
def test_go_sees_the_same(service: tuple[str, object], tmp_path: Path) -> None:
    heap = f"{service[0]}/debug/pprof/heap"
    table = top(heap, "-n", "1000").partition("cum%\n")[2]
    ours = {line.split()[5] for line in table.splitlines()}
    theirs = {row.name for row in rows(go_top(tmp_path, heap))}

    assert {"orders", "users", "<module>"} <= ours & theirs
    assert "users" not in {row.name for row in rows(go_top(tmp_path, "-tagfocus=tenant=acme", heap))}


def test_what_grows_meanwhile_is_seen_alone(service: tuple[str, object], tmp_path: Path) -> None:
    base, process = service
    process.stdin.write("\n")  # type: ignore[attr-defined]
    process.stdin.flush()  # type: ignore[attr-defined]
    assert process.stdout.readline() == "ticking\n"  # type: ignore[attr-defined]

    grown = top(f"{base}/debug/pprof/heap", "--seconds", "0.5", "--focus", "app.py")
    assert "  tick " in grown
    assert "  users " not in grown
    assert "Duration: 5" in grown


def test_a_flame_graph_of_a_service_that_runs(service: tuple[str, object], tmp_path: Path) -> None:
    out = tmp_path / "heap.html"
    done = ran(*CLEARWAY, "pprof", "flame", f"{service[0]}/debug/pprof/heap", "-o", str(out))

    assert done.returncode == 0, done.stderr
    assert '"users"' in out.read_text()


def test_a_saved_profile_is_what_was_served(service: tuple[str, object]) -> None:
    from clearway.pprof.fetch import fetch

    profile = decode(fetch(f"{service[0]}/debug/pprof/heap"))

    assert [kind.type for kind in profile.sample_types] == [
        "alloc_objects", "alloc_space", "inuse_objects", "inuse_space",
    ]  # fmt: skip
    assert profile.default_sample_type == "inuse_space"
    assert profile.period == 4_096
